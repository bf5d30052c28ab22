import { decodeText } from '../../base/text';
import type { MutableFields } from '../protocol-parser';
import { readTraceHeader, TRACE_HEADERS } from '../trace-context';
import type { Method } from './methods';

/** Reads what a method is about into `fields`; says whether it asks for no answer. */
export function readArguments(
  { arguments: kinds }: Method,
  bytes: Uint8Array,
  from: number,
  end: number,
  fields: MutableFields,
): boolean {
  let at = from;
  let queue = '';
  let exchange: string | undefined;
  let routingKey = '';
  let noWait = false;
  for (const kind of kinds) {
    if (at >= end) break;
    if (kind === '-') at += 2;
    else if (kind === '8') at += 8;
    else if (kind === 'b') at += 1;
    else if (kind >= '0' && kind <= '7') noWait = ((bytes[at]! >> Number(kind)) & 1) === 1;
    else {
      if (kind === 'c') {
        readReply(bytes, at, end, fields);
        at += 2;
      }
      const text = shortText(bytes, at, end);
      at += 1 + bytes[at]!;
      if (kind === 'q') queue = text;
      else if (kind === 'x') exchange = text;
      else if (kind === 'r') routingKey = text;
      else if (kind === 'v') fields.domain = text;
    }
  }
  const endpoint = exchange === undefined ? queue : `${exchange}.${routingKey}`;
  if (endpoint !== '') {
    fields.endpoint = endpoint;
    fields.resource = endpoint;
  }
  return noWait;
}

/** Text with its length in one byte. */
function shortText(bytes: Uint8Array, at: number, end: number): string {
  return decodeText(bytes, at + 1, Math.min(end, at + 1 + bytes[at]!));
}

/** Codes that are the server's trouble: forced close, not implemented, internal error, resources (section 1.1). */
const SERVER_CODES: ReadonlySet<number> = new Set([311, 320, 506, 540, 541]);

function readReply(bytes: Uint8Array, at: number, end: number, fields: MutableFields): void {
  if (at + 3 > end) return;
  const code = (bytes[at]! << 8) | bytes[at + 1]!;
  fields.statusCode = code;
  if (code === 200) {
    fields.status = 'ok';
    return;
  }
  fields.status = SERVER_CODES.has(code) ? 'server_error' : 'client_error';
  fields.exception = shortText(bytes, at + 2, end);
}

const HEADERS_FLAG = 0x2000;
const CONTENT_TYPE_FLAG = 0x8000;
const CONTENT_ENCODING_FLAG = 0x4000;
const MAX_ENTRIES = 256;
/** Sizes of a table's values by type; texts and arrays say theirs in four bytes. */
const SIZES: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  U: 2,
  u: 2,
  s: 2,
  I: 4,
  i: 4,
  L: 8,
  l: 8,
  f: 4,
  d: 8,
  D: 5,
  T: 8,
  V: 0,
};

/**
 * Trace context in the headers of a content header: flags (2) · content type · content encoding · headers (table) …,
 * where a table is its length (4) and pairs of short name and value, and a value a letter and what follows it.
 */
export function readHeaders(bytes: Uint8Array, from: number, end: number, fields: MutableFields): void {
  const flags = ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);
  if ((flags & HEADERS_FLAG) === 0) return;
  let at = from + 2;
  if ((flags & CONTENT_TYPE_FLAG) !== 0) at += 1 + (bytes[at] ?? 0);
  if ((flags & CONTENT_ENCODING_FLAG) !== 0) at += 1 + (bytes[at] ?? 0);
  const stop = Math.min(end, at + 4 + u32(bytes, at));
  at += 4;
  for (let i = 0; i < MAX_ENTRIES && at < stop; i += 1) {
    const name = shortText(bytes, at, stop).toLowerCase();
    at += 1 + bytes[at]!;
    if (at >= stop) return;
    const type = String.fromCharCode(bytes[at]!);
    at += 1;
    const size = SIZES[type] ?? 4 + u32(bytes, at);
    const header = type === 'S' ? TRACE_HEADERS.find((known) => known === name) : undefined;
    if (header !== undefined) readTraceHeader(header, decodeText(bytes, at + 4, Math.min(at + size, stop)), fields);
    at += size;
  }
}

export function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}
