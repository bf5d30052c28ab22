import { decodeText } from '../../base/text';

/** Types of values in a map of primitives, with the bytes that each takes. */
const SIZES: Readonly<Record<number, number>> = { 0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 8, 7: 8, 8: 4 };
const STRING = 9;
const BYTES = 10;
const BIG_STRING = 13;
const MAX_ENTRIES = 128;

/**
 * Calls back for each string and number of a map: count (4) · entries: name, its length (2) before it · type (1) · value.
 * Lists and maps within it end the reading: their size is not told.
 */
export function visitPrimitiveMap(
  bytes: Uint8Array,
  from: number,
  end: number,
  visit: (name: string, value: string | number) => void,
): void {
  if (from + 4 > end) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(end, bytes.length));
  const count = Math.min(view.getUint32(from), MAX_ENTRIES);
  let at = from + 4;
  for (let i = 0; i < count && at + 2 <= end; i += 1) {
    const typeAt = at + 2 + view.getUint16(at);
    if (typeAt >= end) return;
    const name = decodeText(bytes, at + 2, typeAt);
    const type = bytes[typeAt]!;
    at = typeAt + 1;
    const size = SIZES[type];
    if (size !== undefined) {
      if (at + size > end) return;
      if (size === 1) visit(name, bytes[at]!);
      else if (size === 4) visit(name, view.getInt32(at));
      at += size;
    } else if (type === STRING) {
      if (at + 2 > end) return;
      const next = at + 2 + view.getUint16(at);
      if (next > end) return;
      visit(name, decodeText(bytes, at + 2, next));
      at = next;
    } else if (type === BYTES || type === BIG_STRING) {
      if (at + 4 > end) return;
      at += 4 + view.getUint32(at);
    } else return;
  }
}
