import { matchesName, type NameSet } from './name-set';

const [TAB, LF, CR, SPACE, QUOTE, AMPERSAND, APOSTROPHE, COMMA, COLON, SEMICOLON, EQUALS, BACKSLASH, CLOSING] = [
  0x09, 0x0a, 0x0d, 0x20, 0x22, 0x26, 0x27, 0x2c, 0x3a, 0x3b, 0x3d, 0x5c, 0x7d,
] as const;
export const MASK = 0x2a;

/** How the value goes on that was being masked when the bytes came to their end: `none`, to the end of a line, … */
export type OpenValue = 'none' | 'line' | 'quoted' | 'parameter';

/**
 * Masks, in place, the values of sensitive names, wherever text writes them: `Name: value` in a line of its own (HTTP
 * headers), `name=value` (query strings, forms, connection strings) and `"name": "value"` (JSON). Bytes of a binary protocol pass
 * through unharmed unless they spell just that. Returns how the last value goes on, if the end was reached within it: to be given
 * as `open` with the next bytes of the stream.
 */
export function maskNamedValues(
  bytes: Uint8Array,
  from: number,
  to: number,
  names: NameSet,
  open: OpenValue,
): OpenValue {
  let at = from;
  let state = open;
  if (state !== 'none') {
    at = maskValue(bytes, at, to, state);
    if (at < to) state = 'none';
  }
  for (at = nextMark(bytes, at, to); at < to; at = nextMark(bytes, at + 1, to)) {
    const kind = valueAfter(bytes, from, at, to, names, bytes[at]!);
    if (kind === 'none') continue;
    const start = skipBlanks(bytes, at + 1, to) + (kind === 'quoted' ? 1 : 0);
    at = maskValue(bytes, start, to, kind) - 1;
    state = at + 1 < to ? 'none' : kind;
  }
  return state;
}

/** By itself, as this loop runs over every byte that is recorded. */
function nextMark(bytes: Uint8Array, at: number, to: number): number {
  while (at < to && bytes[at] !== COLON && bytes[at] !== EQUALS) at += 1;
  return at;
}

/** What kind of value the mark at `at` introduces, if the name before it is one of those. */
function valueAfter(bytes: Uint8Array, from: number, at: number, to: number, names: NameSet, mark: number): OpenValue {
  const quoted = at > from && bytes[at - 1] === QUOTE;
  const end = quoted ? at - 1 : at;
  const start = matchesName(names, bytes, from, end);
  if (start < 0) return 'none';
  const before = start > from ? bytes[start - 1]! : LF;
  const next = bytes[skipBlanks(bytes, at + 1, to)];
  if (quoted) {
    if (before !== QUOTE) return 'none';
    return next === QUOTE ? 'quoted' : 'parameter';
  }
  if (mark === EQUALS) return next === QUOTE ? 'quoted' : 'parameter';
  return before === LF ? 'line' : 'none';
}

function skipBlanks(bytes: Uint8Array, at: number, to: number): number {
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
  return at;
}

/** Masks up to the value's end; returns where that is, `to` when it lies beyond. */
function maskValue(bytes: Uint8Array, at: number, to: number, kind: OpenValue): number {
  for (; at < to; at += 1) {
    const byte = bytes[at]!;
    if (endsValue(byte, kind)) return at;
    if (byte === BACKSLASH && kind === 'quoted' && at + 1 < to) bytes[at++] = MASK;
    bytes[at] = MASK;
  }
  return to;
}

function endsValue(byte: number, kind: OpenValue): boolean {
  if (byte === LF || byte === CR) return true;
  if (kind === 'line') return false;
  if (kind === 'quoted') return byte === QUOTE;
  return (
    byte === AMPERSAND ||
    byte === SEMICOLON ||
    byte === COMMA ||
    byte === SPACE ||
    byte === QUOTE ||
    byte === APOSTROPHE ||
    byte === CLOSING ||
    byte === 0
  );
}
