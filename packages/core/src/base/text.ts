/** Longer pieces are decoded without looking them up: they seldom repeat. */
const INTERN_MAX_LENGTH = 96;
/** Slots of the table of recent strings; a power of two. A slot is simply overwritten, so the table never grows. */
const INTERN_SLOTS = 8192;
const recent: string[] = new Array<string>(INTERN_SLOTS).fill('');

/**
 * Text of `bytes[start..end)` as UTF-8; a malformed sequence becomes U+FFFD. Methods, paths, hosts and statements repeat
 * all the time, so short ASCII pieces are looked up among the strings made recently before a new one is made.
 */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, bytes.length);
  const length = stop - start;
  if (length <= 0) return '';
  if (length > INTERN_MAX_LENGTH) return decodeLong(bytes, start, stop);
  let hash = length;
  let union = 0;
  for (let at = start; at < stop; at += 1) {
    const byte = bytes[at]!;
    hash = Math.imul(hash, 31) + byte;
    union |= byte;
  }
  if (union >= 0x80) return decodeUtf8(bytes, start, stop);
  const slot = (hash ^ (hash >>> 15)) & (INTERN_SLOTS - 1);
  const known = recent[slot]!;
  if (known.length === length && equalsAscii(known, bytes, start)) return known;
  const made = fromAscii(bytes, start, stop);
  recent[slot] = made;
  return made;
}

function equalsAscii(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

/** Node's decoder of single bytes, several times as fast as what a browser has for short pieces. */
const latin1Slice = (globalThis as { Buffer?: { prototype: { latin1Slice(start: number, end: number): string } } })
  .Buffer?.prototype.latin1Slice;

const fromAscii =
  latin1Slice === undefined
    ? (bytes: Uint8Array, start: number, end: number): string =>
        String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[])
    : (bytes: Uint8Array, start: number, end: number): string => latin1Slice.call(bytes, start, end);

/** Arguments that a single call of String.fromCharCode surely takes. */
const CHUNK = 4096;

function decodeLong(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at += 1) if (bytes[at]! >= 0x80) return decodeUtf8(bytes, start, end);
  let text = '';
  for (let at = start; at < end; at += CHUNK) text += fromAscii(bytes, at, Math.min(at + CHUNK, end));
  return text;
}

const REPLACEMENT = 0xfffd;

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  while (at < end) {
    const first = bytes[at++]!;
    const extra = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    let code = extra === 0 ? first : extra < 0 ? REPLACEMENT : first & (0x3f >> extra);
    for (let i = 0; i < extra; i += 1) {
      const next = at < end ? bytes[at]! : 0;
      if ((next & 0xc0) !== 0x80) {
        code = REPLACEMENT;
        break;
      }
      code = (code << 6) | (next & 0x3f);
      at += 1;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = REPLACEMENT;
    text += String.fromCodePoint(code);
  }
  return text;
}
