import type { Cursor } from '../../base/cursor';

/** Wire types: https://protobuf.dev/programming-guides/encoding/#structure */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const MAX_VARINT_BYTES = 10;

/** One field of a message: its bytes from `start` to `end`, and of a varint the `value`, exact up to 2⁵³. */
export interface Field {
  number: number;
  wire: number;
  value: number;
  start: number;
  end: number;
}

/**
 * The fields of the message between the cursor and its end, first to last; ends early where the bytes do, or where they
 * are no message (then `cursor.overrun` is set). The same object is yielded each time.
 */
export function* protobufFields(cursor: Cursor): Generator<Field> {
  const field: Field = { number: 0, wire: 0, value: 0, start: 0, end: 0 };
  while (cursor.remaining > 0) {
    const key = varint(cursor);
    field.number = Math.floor(key / 8);
    field.wire = key % 8;
    const size = field.wire === Wire.bytes ? varint(cursor) : fixedSize(field.wire);
    field.start = cursor.position;
    if (field.wire === Wire.varint) field.value = varint(cursor);
    else cursor.skip(size);
    field.end = cursor.position;
    if (cursor.overrun || field.number === 0) {
      cursor.overrun = true;
      return;
    }
    yield field;
  }
}

/** −1 = there is no such type. */
function fixedSize(wire: number): number {
  if (wire === Wire.fixed64) return 8;
  return wire === Wire.fixed32 ? 4 : wire === Wire.varint ? 0 : -1;
}

function varint(cursor: Cursor): number {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
    const byte = cursor.u8();
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return value;
  }
  cursor.skip(-1);
  return 0;
}

/** A varint as int32 or int64 counts it: the upper half of the numbers is negative. */
export function signed(value: number): number {
  return value >= 2 ** 63 ? value - 2 ** 64 : value;
}

/** A varint in hexadecimal, exact whatever its size. */
export function varintHex(bytes: Uint8Array, start: number, end: number): string {
  let value = 0n;
  for (let at = end - 1; at >= start; at -= 1) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return BigInt.asUintN(64, value).toString(16);
}
