/**
 * Reads bytes with every access checked. Reading past the end never throws: it answers 0 and sets `overrun`, so a parser
 * reads a whole structure and asks once. One cursor is used again and again; it owns nothing.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Index of the next byte. */
  position = 0;
  /** Index after the last captured byte. */
  end = 0;
  /** The bytes after `end` were moved but not captured: waiting for more is of no use. */
  cut = false;
  /** Something was read past `end` since `reset`. */
  overrun = false;

  reset(bytes: Uint8Array, position: number, end: number, cut: boolean): this {
    this.bytes = bytes;
    this.position = position;
    this.end = Math.min(end, bytes.length);
    this.cut = cut;
    this.overrun = false;
    return this;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** The byte `ahead` places on, without moving; −1 past the end. */
  peek(ahead = 0): number {
    const at = this.position + ahead;
    return at < this.end ? this.bytes[at]! : -1;
  }

  u8(): number {
    if (this.position >= this.end) return this.fail();
    return this.bytes[this.position++]!;
  }

  /** Big endian, as all network numbers here. */
  u16(): number {
    if (this.position + 2 > this.end) return this.fail();
    const at = this.position;
    this.position = at + 2;
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    if (this.position + 4 > this.end) return this.fail();
    const { bytes, position: at } = this;
    this.position = at + 4;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  i32(): number {
    return this.u32() | 0;
  }

  /** Moves on by `count` bytes; to the end, and overrun, when there are fewer. A negative count is an overrun too. */
  skip(count: number): void {
    if (count >= 0 && count <= this.end - this.position) this.position += count;
    else this.fail();
  }

  /** Index of the next such byte at or after the position, −1 if there is none before the end or before `limit`. */
  find(byte: number, limit = this.end): number {
    const { bytes } = this;
    const stop = Math.min(limit, this.end);
    for (let at = this.position; at < stop; at += 1) if (bytes[at] === byte) return at;
    return -1;
  }

  private fail(): 0 {
    this.position = this.end;
    this.overrun = true;
    return 0;
  }
}
