import { L7_PROTOCOLS } from './l7-protocol';
import type { ProtocolParser } from './protocol-parser';

/** Protocol names are shown in badges and typed in filters. */
const NAME = /^[a-z][a-z0-9_.-]{0,31}$/;

type Loaded = { readonly parser: ProtocolParser } | { readonly problem: string };

/** What a user's module exports as default: a parser, or in half a sentence why it is none. */
export function protocolModule(exported: unknown): Loaded {
  if (typeof exported !== 'object' || exported === null) {
    return {
      problem: `its default export is ${exported === undefined ? 'missing' : `a ${typeof exported}`}, not a protocol`,
    };
  }
  const problem = problemOf(exported as Partial<Record<keyof ProtocolParser, unknown>>);
  return problem === undefined ? { parser: exported as ProtocolParser } : { problem };
}

function problemOf({
  protocol,
  transports,
  pairing,
  opaque,
  infer,
  open,
}: Partial<Record<keyof ProtocolParser, unknown>>): string | undefined {
  if (typeof protocol !== 'string' || !NAME.test(protocol)) {
    return '"protocol" must be a name of at most 32 lower-case letters, digits, "-", "_" and "."';
  }
  if ((L7_PROTOCOLS as readonly string[]).includes(protocol))
    return `"${protocol}" is a built-in protocol: choose another name`;
  const named = (value: unknown) => value === 'tcp' || value === 'udp';
  if (!Array.isArray(transports) || transports.length === 0 || !transports.every(named)) {
    return '"transports" must be a list of "tcp" and "udp"';
  }
  if (pairing !== 'order' && pairing !== 'id') return '"pairing" must be "order" or "id"';
  if (opaque !== undefined && opaque !== true) return '"opaque" must be true or absent';
  if (typeof infer !== 'function') return '"infer" must be a function';
  if (typeof open !== 'function') return '"open" must be a function';
  return undefined;
}
