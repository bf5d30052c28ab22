/** Protobuf messages for tests, written field by field. */

export function protobufVarint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

/** A length-delimited field: text, bytes or a message. */
export function protobufBytes(field: number, content: string | Iterable<number>): number[] {
  const bytes = typeof content === 'string' ? [...new TextEncoder().encode(content)] : [...content];
  return [...protobufVarint(field * 8 + 2), ...protobufVarint(bytes.length), ...bytes];
}

export function protobufInt(field: number, value: number | bigint): number[] {
  return [...protobufVarint(field * 8), ...protobufVarint(value)];
}

export function protobufFixed64(field: number, value: bigint): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return [...protobufVarint(field * 8 + 1), ...bytes];
}
