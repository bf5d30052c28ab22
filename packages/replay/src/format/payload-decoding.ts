/**
 * Reads one msgpack value (https://github.com/msgpack/msgpack/blob/master/spec.md). msgpackr would do, were captures
 * always ours: a few crafted bytes make it allocate gigabytes. This reader checks every length against the bytes that
 * are there before it allocates, bounds depth and number of values, and knows no extensions.
 */
export type PayloadValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PayloadList
  | PayloadMap
  | Extension;
export type PayloadList = readonly PayloadValue[];
export type PayloadMap = { readonly [key: string]: PayloadValue };

/** Stands for a value of an extension type, which the format does not use. */
export class Extension {
  constructor(readonly type: number) {}
}

/** Why a payload cannot be used: damage as data for the reader, thrown only inside this package's decoders. */
export class BadPayload extends Error {}

const MAX_DEPTH = 16;
/** Values in one payload: a snapshot of 100,000 sockets has about 2.5 million. */
const MAX_VALUES = 4_000_000;

const utf8 = new TextDecoder();

/** The map that `bytes` hold. Throws BadPayload on anything else. Bins are views of `bytes`; 64-bit integers are bigint. */
export function decodePayload(bytes: Uint8Array): PayloadMap {
  const cursor = new Cursor(bytes);
  const value = cursor.value(0);
  if (!isMap(value)) throw new BadPayload('the payload is no map');
  if (cursor.position !== bytes.length) throw new BadPayload('the payload has bytes after its end');
  return value;
}

export function isMap(value: PayloadValue | undefined): value is PayloadMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Extension)
  );
}

class Cursor {
  position = 0;
  private values = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): PayloadValue {
    if (depth > MAX_DEPTH) throw new BadPayload('values are nested too deeply');
    if (++this.values > MAX_VALUES) throw new BadPayload('too many values');
    const code = this.uint(1);
    if (code <= 0x7f) return code;
    if (code <= 0x8f) return this.map(code & 0x0f, depth);
    if (code <= 0x9f) return this.list(code & 0x0f, depth);
    if (code <= 0xbf) return this.text(code & 0x1f);
    if (code >= 0xe0) return code - 0x100;
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.take(this.uint(1));
      case 0xc5:
        return this.take(this.uint(2));
      case 0xc6:
        return this.take(this.uint(4));
      case 0xc7:
        return this.extension(this.uint(1));
      case 0xc8:
        return this.extension(this.uint(2));
      case 0xc9:
        return this.extension(this.uint(4));
      case 0xca:
        return this.view.getFloat32(this.advance(4));
      case 0xcb:
        return this.view.getFloat64(this.advance(8));
      case 0xcc:
        return this.uint(1);
      case 0xcd:
        return this.uint(2);
      case 0xce:
        return this.uint(4);
      case 0xcf:
        return this.view.getBigUint64(this.advance(8));
      case 0xd0:
        return this.view.getInt8(this.advance(1));
      case 0xd1:
        return this.view.getInt16(this.advance(2));
      case 0xd2:
        return this.view.getInt32(this.advance(4));
      case 0xd3:
        return this.view.getBigInt64(this.advance(8));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension(1 << (code - 0xd4));
      case 0xd9:
        return this.text(this.uint(1));
      case 0xda:
        return this.text(this.uint(2));
      case 0xdb:
        return this.text(this.uint(4));
      case 0xdc:
        return this.list(this.uint(2), depth);
      case 0xdd:
        return this.list(this.uint(4), depth);
      case 0xde:
        return this.map(this.uint(2), depth);
      case 0xdf:
        return this.map(this.uint(4), depth);
      default:
        throw new BadPayload(`byte ${code.toString(16)} begins no msgpack value`);
    }
  }

  /** Moves on by `length` bytes and returns where they begin. */
  private advance(length: number): number {
    const at = this.position;
    if (length > this.bytes.length - at) throw new BadPayload('a value reaches beyond the payload');
    this.position = at + length;
    return at;
  }

  private uint(width: 1 | 2 | 4): number {
    const at = this.advance(width);
    if (width === 1) return this.bytes[at]!;
    return width === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  private take(length: number): Uint8Array {
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  private text(length: number): string {
    return utf8.decode(this.take(length));
  }

  private extension(length: number): Extension {
    const type = this.view.getInt8(this.advance(1));
    this.advance(length);
    return new Extension(type);
  }

  private list(length: number, depth: number): PayloadList {
    // Each element takes a byte at least.
    if (length > this.bytes.length - this.position) throw new BadPayload('a list reaches beyond the payload');
    const list: PayloadValue[] = [];
    for (let i = 0; i < length; i++) list.push(this.value(depth + 1));
    return list;
  }

  private map(length: number, depth: number): PayloadMap {
    // No prototype: a key may be any string, `__proto__` included.
    const map: Record<string, PayloadValue> = Object.create(null);
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1);
      const value = this.value(depth + 1);
      if (typeof key === 'string') map[key] = value;
    }
    return map;
  }
}
