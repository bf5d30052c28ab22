import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';

/**
 * Reads the primitive types of a body (https://kafka.apache.org/protocol.html#protocol_types), in the plain encoding or
 * the flexible one. Past the end everything is 0 or empty, and `cursor.overrun` is set.
 */
export class BodyReader {
  constructor(
    readonly cursor: Cursor,
    readonly flexible: boolean,
  ) {}

  i8(): number {
    return (this.cursor.u8() << 24) >> 24;
  }

  i16(): number {
    return (this.cursor.u16() << 16) >> 16;
  }

  i32(): number {
    return this.cursor.i32();
  }

  /** Exact up to 2⁵³. */
  i64(): number {
    const high = this.cursor.i32();
    return high * 2 ** 32 + this.cursor.u32();
  }

  /** Unsigned, seven bits a byte, least first. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < 5; i += 1) {
      const byte = this.cursor.u8();
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** Signed, zigzag; up to 2⁵³ as it is needed for lengths. */
  zigzag(): number {
    let value = 0;
    for (let i = 0; i < 10; i += 1) {
      const byte = this.cursor.u8();
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A string or nullable string; undefined = null. */
  string(): string | undefined {
    const length = this.flexible ? this.varint() - 1 : this.i16();
    return length < 0 ? undefined : this.text(length);
  }

  text(length: number): string {
    const { cursor } = this;
    const start = cursor.position;
    cursor.skip(length);
    return cursor.overrun ? '' : decodeText(cursor.bytes, start, start + length);
  }

  /** Number of elements; −1 = null. */
  count(): number {
    return this.flexible ? this.varint() - 1 : this.i32();
  }

  /** Length of bytes or records; −1 = null. */
  bytesLength(): number {
    return this.count();
  }

  tags(): void {
    if (!this.flexible) return;
    const count = this.varint();
    for (let i = 0; i < count && !this.cursor.overrun; i += 1) {
      this.varint();
      this.cursor.skip(this.varint());
    }
  }
}
