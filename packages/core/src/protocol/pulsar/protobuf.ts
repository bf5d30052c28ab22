import { decodeText } from '../../base/text';

/** Wire types of https://protobuf.dev/programming-guides/encoding/ that are in use. */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const MAX_VARINT = 10;

/**
 * Walks over the fields of a protobuf message, one at a time:
 *
 *   message = *( tag (varint: number · 8 + wire type) · value )
 *   value   = varint / 8 bytes / length (varint) · bytes / 4 bytes
 */
export class ProtobufFields {
  number = 0;
  wire = 0;
  /** Of a varint; exact up to 2⁵³. */
  value = 0;
  /** Where the bytes of a length-delimited value begin and end; cut ones end with what is there. */
  start = 0;
  stop = 0;
  /** Not protobuf, or the value is cut. */
  broken = false;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly end: number,
  ) {}

  /** Moves to the next field; false = there is none, or none that is whole enough to be read. */
  next(): boolean {
    if (this.broken || this.at >= this.end) return false;
    const tag = this.varint();
    this.number = Math.floor(tag / 8);
    this.wire = tag % 8;
    if (this.broken || this.number === 0) return this.fail();
    switch (this.wire) {
      case Wire.varint:
        this.value = this.varint();
        return !this.broken;
      case Wire.fixed64:
        return this.take(8);
      case Wire.fixed32:
        return this.take(4);
      case Wire.bytes: {
        const length = this.varint();
        return !this.broken && this.take(length);
      }
      default:
        return this.fail();
    }
  }

  get text(): string {
    return this.wire === Wire.bytes ? decodeText(this.bytes, this.start, this.stop) : '';
  }

  /** The fields of the message that this value is. */
  inner(): ProtobufFields {
    return new ProtobufFields(this.bytes, this.start, this.wire === Wire.bytes ? this.stop : this.start);
  }

  /** A value that is cut is the last. */
  private take(length: number): boolean {
    this.start = this.at;
    this.stop = Math.min(this.at + length, this.end);
    if (this.at + length > this.end) this.broken = true;
    this.at = this.stop;
    return true;
  }

  private varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT; i += 1) {
      if (this.at >= this.end) break;
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) return value;
    }
    this.broken = true;
    return 0;
  }

  private fail(): false {
    this.broken = true;
    return false;
  }
}
