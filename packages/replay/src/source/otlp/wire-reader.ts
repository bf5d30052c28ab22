/** Wire types: https://protobuf.dev/programming-guides/encoding/ */
const WireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const NOTHING = new Uint8Array(0);
const utf8 = new TextDecoder();
/** Bytes of the longest varint. */
const MAX_VARINT_BYTES = 10;

/**
 * Walks the fields of one protobuf message. It never throws: what is malformed ends the message and sets `broken`. A value
 * that is asked for as another wire type than it has is 0 or empty, as an absent field would be.
 *
 *   message = (tag value)*      tag = varint of (field number << 3 | wire type)
 */
export class WireReader {
  /** Number of the current field. */
  field = 0;
  broken = false;
  private wireType = 0;
  private number = 0n;
  private bytes: Uint8Array = NOTHING;
  private position = 0;
  private readonly view: DataView;

  constructor(private readonly message: Uint8Array) {
    this.view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  }

  /** Goes on to the next field; false at the end. */
  next(): boolean {
    if (this.broken || this.position >= this.message.length) return false;
    const tag = Number(this.readVarint());
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    this.number = 0n;
    this.bytes = NOTHING;
    if (this.field === 0) this.broken = true;
    else this.readValue();
    return !this.broken;
  }

  /** int32, uint32 and enums, as far as a double holds them. */
  int(): number {
    return Number(BigInt.asIntN(64, this.number));
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.number);
  }

  fixed64(): bigint {
    return this.number;
  }

  double(): number {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, this.number);
    return view.getFloat64(0);
  }

  text(maxLength: number): string {
    // A character takes a byte at least; a cut one becomes U+FFFD.
    return utf8.decode(this.bytes.subarray(0, maxLength));
  }

  /** The value's bytes: a view. */
  content(): Uint8Array {
    return this.bytes;
  }

  private readValue(): void {
    switch (this.wireType) {
      case WireType.varint:
        this.number = this.readVarint();
        break;
      case WireType.fixed64: {
        const at = this.advance(8);
        if (!this.broken) this.number = this.view.getBigUint64(at, true);
        break;
      }
      case WireType.fixed32: {
        const at = this.advance(4);
        if (!this.broken) this.number = BigInt(this.view.getUint32(at, true));
        break;
      }
      case WireType.lengthDelimited: {
        const length = Number(this.readVarint());
        const at = this.advance(length);
        if (!this.broken) this.bytes = this.message.subarray(at, at + length);
        break;
      }
      default:
        // Groups, which proto3 has not.
        this.broken = true;
    }
  }

  private advance(length: number): number {
    const at = this.position;
    if (length > this.message.length - at) this.broken = true;
    else this.position = at + length;
    return at;
  }

  private readVarint(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.message[this.position++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    this.broken = true;
    return 0n;
  }
}
