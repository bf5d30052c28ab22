import type { Brand } from '../base/brand';

/** Kinds that the search asks for, in this order. The first five are the implicit contexts of Algorithm 1, lines 6–10. */
export const SEARCH_KINDS = ['systrace', 'pseudo-thread', 'x-request-id', 'tcp-seq', 'trace-id', 'datagram'] as const;
/** Kinds by which a store must be able to find spans: hashes of keys depend on the order, so new ones go to the end. */
export const KEY_KINDS = [...SEARCH_KINDS, 'queue-message'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/**
 * Kinds by which rules look candidates up: a span's own id, and the parent id of an application span, as well. A span id
 * means something only within its trace, so who shares one shares a trace id: the search has brought both in, and no
 * store need keep it.
 */
export const LOOKUP_KINDS = [...KEY_KINDS, 'span-id', 'parent-span-id'] as const;
export type LookupKind = (typeof LOOKUP_KINDS)[number];

/**
 * A value that spans of one trace share, in text, ready for an index: kind, then scope (the host where the value means
 * something only there), then value, e.g. `systrace|host|17`. Two spans are related when they hold the same text.
 *
 * | kind          | scope                          | value                                    |
 * |---------------|--------------------------------|------------------------------------------|
 * | systrace      | host                           | systrace id                              |
 * | pseudo-thread | host and process               | pseudo-thread id                         |
 * | x-request-id  | none: it travels               | the header's value                       |
 * | tcp-seq       | `request` or `response`        | sequence of the first byte               |
 * | trace-id      | none: it travels               | trace id                                 |
 * | datagram      | protocol and the client's port | request id                               |
 * | queue-message | none: it travels               | what names a message of a queue: asked for when links are read, never by the search |
 */
export type AssociationKey = Brand<string, 'AssociationKey'>;
