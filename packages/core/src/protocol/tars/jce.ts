import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';

/**
 * The encoding of Tars, once called JCE: https://doc.tarsyun.com/#/base/tars-protocol.md (big endian)
 *
 *   field  = head · value          head = tag (4 bits) type (4 bits), or f type · tag (1)
 *   types  = 0 int (1) / 1 int (2) / 2 int (4) / 3 int (8) / 4 float (4) / 5 double (8) / 6 length (1) text
 *          / 7 length (4) text / 8 map: size *(field field) / 9 list: size *field / a struct: *field b / c zero
 *          / d bytes: head (type 0) · size · bytes                                         a size is an int's field
 */
const Type = {
  int8: 0,
  int16: 1,
  int32: 2,
  int64: 3,
  float: 4,
  double: 5,
  text1: 6,
  text4: 7,
  map: 8,
  list: 9,
  structBegin: 10,
  structEnd: 11,
  zero: 12,
  bytes: 13,
} as const;
const LONG_TAG = 15;
const MAX_DEPTH = 16;
/** Longer texts are passed over, not made. */
const MAX_TEXT = 4096;

/** Reads fields one after the other. What cannot be read leaves `cursor.overrun` set. */
export class JceReader {
  tag = -1;
  private type = -1;

  constructor(readonly cursor: Cursor) {}

  /** Moves on to the next field's value; false = there is none. */
  next(): boolean {
    const { cursor } = this;
    if (cursor.remaining === 0) return false;
    const head = cursor.u8();
    this.type = head & 15;
    this.tag = head >> 4;
    if (this.tag === LONG_TAG) this.tag = cursor.u8();
    return !cursor.overrun;
  }

  get isInt(): boolean {
    return this.type <= Type.int64 || this.type === Type.zero;
  }

  get isText(): boolean {
    return this.type === Type.text1 || this.type === Type.text4;
  }

  get isBytes(): boolean {
    return this.type === Type.bytes;
  }

  get isMap(): boolean {
    return this.type === Type.map;
  }

  private get isEnd(): boolean {
    return this.type === Type.structEnd;
  }

  /** The value as a number, exact up to 2⁵³; only where it is one. */
  int(): number {
    const { cursor } = this;
    switch (this.type) {
      case Type.int8:
        return (cursor.u8() << 24) >> 24;
      case Type.int16:
        return (cursor.u16() << 16) >> 16;
      case Type.int32:
        return cursor.i32();
      case Type.int64:
        return cursor.i32() * 2 ** 32 + cursor.u32();
      case Type.zero:
        return 0;
      default:
        cursor.skip(-1);
        return 0;
    }
  }

  /** The value as a text; only where it is one. */
  text(): string {
    const { cursor } = this;
    const length = this.type === Type.text1 ? cursor.u8() : this.type === Type.text4 ? cursor.u32() : -1;
    const start = cursor.position;
    cursor.skip(length);
    return cursor.overrun ? '' : decodeText(cursor.bytes, start, start + Math.min(length, MAX_TEXT));
  }

  /** The pairs of a map of texts; another map's are passed over. */
  pairs(take: (name: string, value: string) => void): void {
    const { cursor } = this;
    for (let left = this.size(); left > 0 && !cursor.overrun; left -= 1) {
      const name = this.textOrSkip();
      const value = this.textOrSkip();
      if (name !== undefined && value !== undefined && !cursor.overrun) take(name, value);
    }
  }

  private textOrSkip(): string | undefined {
    if (!this.next()) this.cursor.skip(-1);
    else if (this.isText) return this.text();
    else this.skip();
    return undefined;
  }

  /** A size, as a field of its own. */
  private size(): number {
    return this.next() && this.isInt ? this.int() : 0;
  }

  skip(depth = 0): void {
    const { cursor } = this;
    if (depth > MAX_DEPTH) {
      cursor.skip(-1);
      return;
    }
    switch (this.type) {
      case Type.float:
        cursor.skip(4);
        return;
      case Type.double:
        cursor.skip(8);
        return;
      case Type.text1:
      case Type.text4:
        this.text();
        return;
      case Type.map:
      case Type.list: {
        const values = this.type === Type.map ? 2 : 1;
        for (let left = this.size() * values; left > 0 && !cursor.overrun; left -= 1) this.skipField(depth);
        return;
      }
      case Type.structBegin:
        while (this.next() && !this.isEnd) this.skip(depth + 1);
        return;
      case Type.structEnd:
        return;
      case Type.bytes:
        cursor.u8();
        cursor.skip(this.size());
        return;
      default:
        this.int();
    }
  }

  private skipField(depth: number): void {
    if (this.next()) this.skip(depth + 1);
    else this.cursor.skip(-1);
  }
}
