import { maskRange, respArguments } from './credentials';
import { MASK } from './named-values';

/** Values that users' data is made of: asked for with `--redact-literals`, as statements say less without them. */

const [QUOTE, ZERO, NINE, BACKSLASH, DOLLAR] = [0x27, 0x30, 0x39, 0x5c, 0x24] as const;
const isDigit = (byte: number) => byte >= ZERO && byte <= NINE;
const isWord = (byte: number) =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || byte === DOLLAR;

/** Strings and numbers of a statement, in place: `id = 7 AND name = 'Ann'` → `id = 0 AND name = '***'`. */
export function maskSqlLiterals(bytes: Uint8Array, from: number, to: number): void {
  let quoted = false;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    if (quoted) {
      if (byte === QUOTE) quoted = false;
      else {
        if (byte === BACKSLASH && at + 1 < to) bytes[at++] = MASK;
        bytes[at] = MASK;
      }
    } else if (byte === QUOTE) quoted = true;
    else if (isDigit(byte) && (at === from || !isWord(bytes[at - 1]!) || wasDigit(bytes, at, from))) bytes[at] = ZERO;
  }
}

/** The byte before is a digit of the same number, not of a name such as `t1` or `$12`. */
function wasDigit(bytes: Uint8Array, at: number, from: number): boolean {
  let i = at - 1;
  while (i >= from && isDigit(bytes[i]!)) i -= 1;
  return i < at - 1 && (i < from || !isWord(bytes[i]!));
}

const int32 = (bytes: Uint8Array, at: number) =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
const int16 = (bytes: Uint8Array, at: number) => (bytes[at]! << 8) | bytes[at + 1]!;
const zeroAfter = (bytes: Uint8Array, at: number, to: number) => {
  const found = bytes.indexOf(0, at);
  return found < 0 || found >= to ? to : found;
};

const [SIMPLE_QUERY, PARSE, BIND] = [0x51, 0x50, 0x42] as const;
/** Types of PostgreSQL's messages to a server that may open a call (protocol 3.0, section "Message Formats"). */
const FRONTEND = new Set([...'QPBDESCHFdcfp'].map((letter) => letter.charCodeAt(0)));
const MAX_MESSAGE = 0x0100_0000;

/** PostgreSQL messages to the server that begin at `from`, one after the other. False = these bytes are none. */
export function maskPostgresLiterals(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at + 5 <= to) {
    const length = int32(bytes, at + 1);
    if (!FRONTEND.has(bytes[at]!) || length < 4 || length > MAX_MESSAGE) return at > from;
    const end = Math.min(to, at + 1 + length);
    if (bytes[at] === SIMPLE_QUERY) maskSqlLiterals(bytes, at + 5, end);
    if (bytes[at] === PARSE) maskSqlLiterals(bytes, Math.min(end, zeroAfter(bytes, at + 5, end) + 1), end);
    if (bytes[at] === BIND) maskBind(bytes, at + 5, end);
    at += 1 + length;
  }
  return at > from;
}

/** Portal, statement, formats, then each parameter with its length (−1 = NULL). */
function maskBind(bytes: Uint8Array, from: number, to: number): void {
  let at = zeroAfter(bytes, zeroAfter(bytes, from, to) + 1, to) + 1;
  if (at + 2 > to) return;
  at += 2 + 2 * int16(bytes, at);
  if (at + 2 > to) return;
  const count = int16(bytes, at);
  at += 2;
  for (let i = 0; i < count && at + 4 <= to; i += 1) {
    const length = int32(bytes, at);
    at += 4;
    if (length === 0xffff_ffff) continue;
    bytes.fill(MASK, at, Math.min(to, at + length));
    at += length;
  }
}

const [COM_QUERY, COM_STMT_PREPARE] = [0x03, 0x16] as const;

/** A MySQL packet with a statement: length (3, little endian), sequence 0, command, text. False = these bytes are none. */
export function maskMysqlLiterals(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 6 || bytes[from + 3] !== 0) return false;
  const command = bytes[from + 4]!;
  if (command !== COM_QUERY && command !== COM_STMT_PREPARE) return false;
  const length = bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16);
  if (length < 2 || from + 4 + length < to) return false;
  maskSqlLiterals(bytes, from + 5, to);
  return true;
}

/** Arguments of Redis commands behind the key. False = these bytes are no commands. */
export function maskRedisValues(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const command = respArguments(bytes, at, to, Number.POSITIVE_INFINITY);
    if (command === undefined || command.next <= at) break;
    for (const argument of command.found.slice(2)) maskRange(bytes, argument);
    at = command.next;
  }
  return at > from;
}
