import { decodeText } from '../../base/text';

/** A pair that is longer is not read, and none behind it. */
const MAX_PAIR = 16_384;

/**
 * Reads the pairs of `rest` and `content` together (FastCGI specification, section 3.4), and gives back what is left for
 * the next record: the beginning of a pair. Undefined = not to be read any more.
 */
export function readVariables(
  rest: Uint8Array,
  content: Uint8Array,
  take: (name: string, value: string) => void,
): Uint8Array | undefined {
  const bytes = rest.length === 0 ? content : join(rest, content);
  let at = 0;
  while (at < bytes.length) {
    const nameAt = at + lengthSize(bytes, at);
    const from = nameAt + lengthSize(bytes, nameAt);
    if (from > bytes.length) break;
    const valueFrom = from + lengthAt(bytes, at);
    const to = valueFrom + lengthAt(bytes, nameAt);
    if (to - at > MAX_PAIR) return undefined;
    if (to > bytes.length) break;
    take(decodeText(bytes, from, valueFrom), decodeText(bytes, valueFrom, to));
    at = to;
  }
  return bytes.slice(at);
}

function lengthSize(bytes: Uint8Array, at: number): 1 | 4 {
  return (bytes[at] ?? 0) < 0x80 ? 1 : 4;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first;
  return ((first & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
