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

const Property = {
  contentType: 0x8000,
  contentEncoding: 0x4000,
  headers: 0x2000,
  deliveryMode: 0x1000,
  priority: 0x0800,
  correlationId: 0x0400,
  replyTo: 0x0200,
  expiration: 0x0100,
  messageId: 0x0080,
} as const;
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

/** Properties by which the sender tells a message from others. */
export interface ContentProperties {
  readonly messageId?: string;
  readonly correlationId?: string;
}

/**
 * The properties of a content header (section 1.8.2): flags (2), then those whose flag is set, in this order: content
 * type · content encoding · headers (table) · delivery mode (1) · priority (1) · correlation id · reply to · expiration ·
 * message id … The headers may hold a trace context.
 */
export function readProperties(bytes: Uint8Array, from: number, end: number, fields: MutableFields): ContentProperties {
  const flags = u16(bytes, from);
  let at = from + 2;
  const skipText = () => {
    at += 1 + (bytes[at] ?? 0);
  };
  const text = () => {
    const start = at;
    skipText();
    return at <= end ? shortText(bytes, start, end) : '';
  };
  if ((flags & Property.contentType) !== 0) skipText();
  if ((flags & Property.contentEncoding) !== 0) skipText();
  if ((flags & Property.headers) !== 0) {
    readHeaders(bytes, at, end, fields);
    at += 4 + u32(bytes, at);
  }
  if ((flags & Property.deliveryMode) !== 0) at += 1;
  if ((flags & Property.priority) !== 0) at += 1;
  const correlationId = (flags & Property.correlationId) === 0 ? '' : text();
  if ((flags & Property.replyTo) !== 0) skipText();
  if ((flags & Property.expiration) !== 0) skipText();
  const messageId = (flags & Property.messageId) === 0 ? '' : text();
  return { ...(messageId && { messageId }), ...(correlationId && { correlationId }) };
}

/** A table is its length (4) and pairs of short name and value, and a value a letter and what follows it. */
function readHeaders(bytes: Uint8Array, from: number, end: number, fields: MutableFields): void {
  const stop = Math.min(end, from + 4 + u32(bytes, from));
  let at = from + 4;
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

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}
