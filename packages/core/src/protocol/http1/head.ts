import { CR, isDigit, LF, SPACE } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { pathEndpoint } from '../path-endpoint';
import type { MutableFields } from '../protocol-parser';
import { readTraceHeader, TRACE_HEADERS, type TraceHeader } from '../trace-context';

/**
 * The head of an HTTP/1 message: RFC 9112, sections 2 to 6.
 *
 *   HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
 *   start-line   = method SP request-target SP HTTP-version  /  HTTP-version SP status-code SP [ reason ]
 *   field-line   = field-name ":" OWS field-value OWS
 *
 * A lone LF ends a line too (section 2.2).
 */
export interface Head {
  /** Bytes up to and with the empty line; 0 while the end is not there. */
  length: number;
  isRequest: boolean;
  fields: MutableFields;
  statusCode: number;
  /** −1 = absent. */
  contentLength: number;
  chunked: boolean;
  /** Protocols asked for, or the one changed to (RFC 9110, section 7.8), in lower case; empty = none. */
  upgrade: string;
  /** A transfer coding that is not chunked comes last: the body ends with the connection. */
  otherCoding: boolean;
}

/** `more` = the start line itself is not whole. A whole start line with `length` 0 is a head that goes on. */
export type HeadResult = 'head' | 'more' | 'invalid';

/** Longer targets are cut: nobody reads them, and they may carry a whole document. */
const MAX_TARGET_TEXT = 4096;

enum Header {
  host,
  contentLength,
  transferEncoding,
  upgrade,
  trace,
}
interface KnownHeader {
  readonly codes: Uint8Array;
  readonly header: Header;
  readonly trace?: TraceHeader;
}

/** Headers that are read, by length of name: most others are passed over after one look. */
const BY_LENGTH: (KnownHeader[] | undefined)[] = [];
function know(name: string, header: Header, trace?: TraceHeader): void {
  const entry: KnownHeader = { codes: Uint8Array.from(name, (c) => c.charCodeAt(0)), header, ...(trace && { trace }) };
  BY_LENGTH[name.length] = [...(BY_LENGTH[name.length] ?? []), entry];
}
know('host', Header.host);
know('content-length', Header.contentLength);
know('transfer-encoding', Header.transferEncoding);
know('upgrade', Header.upgrade);
for (const name of TRACE_HEADERS) know(name, Header.trace, name);
const LONGEST_NAME = BY_LENGTH.length - 1;

/** Reads the head at the cursor into `head`, which the caller owns and uses again. */
export function readHead(cursor: Cursor, head: Head): HeadResult {
  const start = cursor.position;
  head.length = 0;
  head.statusCode = 0;
  head.contentLength = -1;
  head.chunked = false;
  head.upgrade = '';
  head.otherCoding = false;
  head.fields = {};
  const lineEnd = cursor.find(LF);
  if (lineEnd < 0) return 'more';
  if (!readStartLine(cursor.bytes, start, lineEnd, head)) return 'invalid';
  return readFieldLines(cursor, start, lineEnd + 1, head) ? 'head' : 'invalid';
}

function readStartLine(bytes: Uint8Array, start: number, lineFeed: number, head: Head): boolean {
  const end = bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
  if (isVersion(bytes, start, end)) return readStatusLine(bytes, start, end, head);
  const versionAt = end - 8;
  if (!isVersion(bytes, versionAt, end) || bytes[versionAt - 1] !== SPACE) return false;
  let space = start;
  while (space < versionAt && bytes[space] !== SPACE) space += 1;
  const targetEnd = versionAt - 1;
  if (space === start || space + 1 >= targetEnd) return false;
  head.isRequest = true;
  head.fields.version = bytes[end - 1] === 0x30 ? '1.0' : '1.1';
  head.fields.method = decodeText(bytes, start, space);
  const target = decodeText(bytes, space + 1, Math.min(targetEnd, space + 1 + MAX_TARGET_TEXT));
  head.fields.resource = target;
  head.fields.endpoint = pathEndpoint(target);
  return true;
}

function readStatusLine(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
  const at = start + 9;
  if (end < at + 3 || bytes[at - 1] !== SPACE) return false;
  const a = bytes[at]!;
  const b = bytes[at + 1]!;
  const c = bytes[at + 2]!;
  if (!isDigit(a) || !isDigit(b) || !isDigit(c) || (end > at + 3 && bytes[at + 3] !== SPACE)) return false;
  const code = (a - 48) * 100 + (b - 48) * 10 + (c - 48);
  if (code < 100 || code > 599) return false;
  head.isRequest = false;
  head.statusCode = code;
  head.fields.version = bytes[start + 7] === 0x30 ? '1.0' : '1.1';
  head.fields.statusCode = code;
  head.fields.status = code < 400 ? 'ok' : code < 500 ? 'client_error' : 'server_error';
  if (code >= 400 && end > at + 4) head.fields.exception = decodeText(bytes, at + 4, end);
  return true;
}

/** `HTTP/1.0` or `HTTP/1.1` at `at`. */
function isVersion(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    at >= 0 &&
    at + 8 <= end &&
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 5] === 0x31 &&
    bytes[at + 6] === 0x2e &&
    (bytes[at + 7] === 0x31 || bytes[at + 7] === 0x30)
  );
}

/** False when a line is no field line. A head that is not whole leaves `length` 0 and keeps what was read. */
function readFieldLines(cursor: Cursor, start: number, from: number, head: Head): boolean {
  const { bytes, end } = cursor;
  let at = from;
  for (;;) {
    let colon = -1;
    let feed = at;
    for (; feed < end; feed += 1) {
      const byte = bytes[feed]!;
      if (byte === LF) break;
      if (byte === 0x3a && colon < 0) colon = feed;
    }
    if (feed >= end) return true;
    const lineEnd = feed > at && bytes[feed - 1] === CR ? feed - 1 : feed;
    if (lineEnd === at) {
      head.length = feed + 1 - start;
      return true;
    }
    const folded = bytes[at] === SPACE || bytes[at] === 0x09;
    if (!folded) {
      if (colon <= at) return false;
      if (colon - at <= LONGEST_NAME && !readField(bytes, at, colon, lineEnd, head)) return false;
    }
    at = feed + 1;
  }
}

/** False when the value makes the length of the body doubtful. */
function readField(bytes: Uint8Array, at: number, colon: number, lineEnd: number, head: Head): boolean {
  const known = findHeader(bytes, at, colon);
  if (known === undefined) return true;
  let from = colon + 1;
  let to = lineEnd;
  while (from < to && (bytes[from] === SPACE || bytes[from] === 0x09)) from += 1;
  while (to > from && (bytes[to - 1] === SPACE || bytes[to - 1] === 0x09)) to -= 1;
  switch (known.header) {
    case Header.host:
      if (head.isRequest) head.fields.domain = decodeText(bytes, from, to);
      return true;
    case Header.contentLength:
      head.contentLength = readLength(bytes, from, to);
      return head.contentLength >= 0;
    case Header.transferEncoding: {
      const coding = decodeText(bytes, from, to).toLowerCase();
      head.chunked = coding.endsWith('chunked');
      head.otherCoding = !head.chunked && coding !== 'identity';
      return true;
    }
    case Header.upgrade:
      head.upgrade = decodeText(bytes, from, to).toLowerCase();
      return true;
    case Header.trace:
      readTraceHeader(known.trace!, decodeText(bytes, from, to), head.fields);
      return true;
  }
}

function findHeader(bytes: Uint8Array, at: number, colon: number): KnownHeader | undefined {
  const candidates = BY_LENGTH[colon - at];
  if (candidates === undefined) return undefined;
  for (const candidate of candidates) {
    const { codes } = candidate;
    let i = 0;
    while (i < codes.length && toLower(bytes[at + i]!) === codes[i]) i += 1;
    if (i === codes.length) return candidate;
  }
  return undefined;
}

function toLower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Decimal digits as a number, −1 when there are others or more than a double holds exactly. */
function readLength(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > 15) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    if (!isDigit(bytes[at]!)) return -1;
    value = value * 10 + (bytes[at]! - 48);
  }
  return value;
}
