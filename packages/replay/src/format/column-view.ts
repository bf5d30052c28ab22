import { COLUMN_BYTES, type ColumnType } from './event-columns';
import { BadPayload } from './payload-decoding';

const LITTLE_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

interface TypedArrayConstructor<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/**
 * The elements of a stored column. A column lies wherever msgpack put it, so it is copied to an aligned array unless it
 * happens to be aligned. `undefined` = the column is missing: zeros.
 */
export function columnView<T>(Type: TypedArrayConstructor<T>, stored: Uint8Array | undefined, count: number): T {
  if (stored === undefined) return new Type(count);
  const width = Type.BYTES_PER_ELEMENT;
  if (LITTLE_ENDIAN_HOST && stored.byteOffset % width === 0) return new Type(stored.buffer, stored.byteOffset, count);
  const copy = new Uint8Array(stored);
  if (!LITTLE_ENDIAN_HOST) reverseElements(copy, width);
  return new Type(copy.buffer, 0, count);
}

function reverseElements(bytes: Uint8Array, width: number): void {
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

/** Throws BadPayload unless each known column that is there has exactly `count` elements. */
export function checkColumns(
  stored: Readonly<Record<string, Uint8Array>>,
  types: Readonly<Record<string, ColumnType>>,
  count: number,
): void {
  for (const name in types) {
    const bytes = stored[name];
    if (bytes !== undefined && bytes.length !== count * COLUMN_BYTES[types[name]!]) {
      throw new BadPayload(`column ${name} has ${bytes.length} bytes for ${count} rows`);
    }
  }
}
