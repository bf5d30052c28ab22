import type { Brand } from '../base/brand';

export const KEY_KINDS = ['systrace', 'pseudo-thread', 'x-request-id', 'tcp-seq', 'trace-id'] as const;
/** The five implicit contexts of Algorithm 1, lines 6–10. */
export type KeyKind = (typeof KEY_KINDS)[number];

/**
 * A value that spans of one trace share, in text, ready for an index: kind, then scope (the host where the value means
 * something only there), then value, e.g. `systrace|host|17`. Two spans are related when they hold the same text.
 *
 * | kind          | scope                   | value                       |
 * |---------------|-------------------------|-----------------------------|
 * | systrace      | host                    | systrace id                 |
 * | pseudo-thread | host and process        | pseudo-thread id            |
 * | x-request-id  | none: it travels        | the header's value          |
 * | tcp-seq       | `request` or `response` | sequence of the first byte  |
 * | trace-id      | none: it travels        | trace id                    |
 */
export type AssociationKey = Brand<string, 'AssociationKey'>;
