import type { Cursor } from '../base/cursor';

/**
 * Hessian 2.0: http://hessian.caucho.com/doc/hessian-serialization.html, section 11 (big endian)
 *
 *   string = 00-1f text / 30-33 length (1) text / 'S' length (2) text / 'R' length (2) text · string     in UTF-16 units
 *   binary = 20-2f bytes / 34-37 length (1) bytes / 'B' length (2) bytes / 'A' length (2) bytes · binary
 *   int    = 80-bf / c0-cf (1) / d0-d7 (2) / 'I' (4)
 *   long   = d8-ef / f0-ff (1) / 38-3f (2) / 59 (4) / 'L' (8)
 *   double = 5b / 5c / 5d (1) / 5e (2) / 5f (4) / 'D' (8)
 *   date   = 4a (8) / 4b (4)                    'N' null, 'T' true, 'F' false, 'Q' int a reference
 *   list   = 55 type *value 'Z' / 'V' type int *value / 57 *value 'Z' / 58 int *value / 70-77 type *value / 78-7f *value
 *   map    = 'M' type *(value value) 'Z' / 'H' *(value value) 'Z'
 *   class  = 'C' string int *string · object
 *   object = 'O' int *value / 60-6f *value
 *   type   = string / int
 */
const MAX_DEPTH = 32;
/** Longer texts are passed over, not made. */
const MAX_TEXT = 4096;
const END = 0x5a;
const DEFINITION = 0x43;
const BINARY_CHUNK = 0x41;

interface ClassDefinition {
  readonly name: string;
  readonly fields: readonly string[];
}

/** Called for each member of a map or object, with the cursor at its value; true = it has read the value itself. */
export type Visitor = (name: string, className: string) => boolean;

/** Reads values one after the other. What cannot be read leaves `cursor.overrun` set. */
export class HessianReader {
  private readonly classes: ClassDefinition[] = [];

  constructor(readonly cursor: Cursor) {}

  /** A string; undefined where the value is another one, which is then passed over. */
  string(): string | undefined {
    const tag = this.cursor.peek();
    if (!isString(tag)) {
      this.skip();
      return undefined;
    }
    return this.text();
  }

  /** An int; 0 where the value is none. */
  int(): number {
    const { cursor } = this;
    const tag = cursor.u8();
    if (tag >= 0x80 && tag <= 0xbf) return tag - 0x90;
    if (tag >= 0xc0 && tag <= 0xcf) return (tag - 0xc8) * 256 + cursor.u8();
    if (tag >= 0xd0 && tag <= 0xd7) return (tag - 0xd4) * 65_536 + cursor.u16();
    if (tag === 0x49) return cursor.i32();
    cursor.skip(-1);
    return 0;
  }

  /** Visits the members of the map or object at the cursor; another value is passed over. */
  members(visit: Visitor): void {
    this.value(0, visit);
  }

  skip(): void {
    this.value(0);
  }

  private value(depth: number, visit?: Visitor): void {
    const { cursor } = this;
    if (depth > MAX_DEPTH) {
      cursor.skip(-1);
      return;
    }
    let tag = cursor.peek();
    for (; tag === DEFINITION; tag = cursor.peek()) this.define();
    for (; tag === BINARY_CHUNK; tag = cursor.peek()) {
      cursor.u8();
      cursor.skip(cursor.u16());
    }
    if (isString(tag)) {
      this.text();
      return;
    }
    const plain = PLAIN_SIZES[tag];
    if (plain !== undefined) {
      cursor.skip(plain);
      return;
    }
    cursor.u8();
    if (tag >= 0x20 && tag <= 0x2f) cursor.skip(tag - 0x20);
    else if (tag >= 0x34 && tag <= 0x37) cursor.skip((tag - 0x34) * 256 + cursor.u8());
    else if (tag === 0x42) cursor.skip(cursor.u16());
    else if (tag === 0x51) this.int();
    else if (tag === 0x4f) this.object(this.int(), depth, visit);
    else if (tag >= 0x60 && tag <= 0x6f) this.object(tag - 0x60, depth, visit);
    else if (tag === 0x4d || tag === 0x48) this.map(tag === 0x4d, depth, visit);
    else this.list(tag, depth);
  }

  private list(tag: number, depth: number): void {
    const { cursor } = this;
    if (tag === 0x55 || tag === 0x56 || (tag >= 0x70 && tag <= 0x77)) this.type();
    if (tag === 0x55 || tag === 0x57) {
      while (!this.ends()) this.value(depth + 1);
      return;
    }
    let count = -1;
    if (tag === 0x56 || tag === 0x58) count = this.int();
    else if (tag >= 0x70 && tag <= 0x7f) count = tag & 7;
    // No value is shorter than a byte.
    if (count < 0 || count > cursor.remaining) cursor.skip(-1);
    for (let i = 0; i < count && !cursor.overrun; i += 1) this.value(depth + 1);
  }

  private map(typed: boolean, depth: number, visit: Visitor | undefined): void {
    if (typed) this.type();
    while (!this.ends()) {
      if (visit === undefined) this.value(depth + 1);
      else if (visit(this.string() ?? '', '')) continue;
      this.value(depth + 1);
    }
  }

  private object(index: number, depth: number, visit: Visitor | undefined): void {
    const { cursor } = this;
    const definition = this.classes[index];
    if (definition === undefined) {
      cursor.skip(-1);
      return;
    }
    for (const name of definition.fields) {
      if (cursor.overrun) return;
      if (visit?.(name, definition.name) !== true) this.value(depth + 1);
    }
  }

  private define(): void {
    const { cursor } = this;
    cursor.u8();
    const name = this.text();
    const count = this.int();
    const fields: string[] = [];
    if (count < 0 || count > cursor.remaining) cursor.skip(-1);
    for (let i = 0; i < count && !cursor.overrun; i += 1) fields.push(this.text());
    this.classes.push({ name, fields });
  }

  private type(): void {
    if (isString(this.cursor.peek())) this.text();
    else this.int();
  }

  /** At the end of a list or map of open length; also where nothing more can be read. */
  private ends(): boolean {
    const { cursor } = this;
    if (cursor.remaining === 0) cursor.skip(1);
    if (cursor.overrun) return true;
    if (cursor.peek() !== END) return false;
    cursor.skip(1);
    return true;
  }

  /** Of all chunks; nothing but the beginning of a long one. */
  private text(): string {
    const { cursor } = this;
    let made = '';
    for (;;) {
      const tag = cursor.u8();
      let units = 0;
      if (tag <= 0x1f) units = tag;
      else if (tag >= 0x30 && tag <= 0x33) units = (tag - 0x30) * 256 + cursor.u8();
      else if (tag === 0x53 || tag === 0x52) units = cursor.u16();
      else cursor.skip(-1);
      for (let i = 0; i < units && !cursor.overrun; i += 1) {
        const unit = this.utf16Unit();
        if (made.length < MAX_TEXT) made += String.fromCharCode(unit);
      }
      if (tag !== 0x52 || cursor.overrun) return cursor.overrun ? '' : made;
    }
  }

  /** One to three bytes; pairs of surrogates are written as two. */
  private utf16Unit(): number {
    const { cursor } = this;
    const first = cursor.u8();
    if (first < 0x80) return first;
    if (first < 0xe0) return ((first & 0x1f) << 6) | (cursor.u8() & 0x3f);
    return ((first & 0x0f) << 12) | ((cursor.u8() & 0x3f) << 6) | (cursor.u8() & 0x3f);
  }
}

function isString(tag: number): boolean {
  return (tag >= 0 && tag <= 0x1f) || (tag >= 0x30 && tag <= 0x33) || tag === 0x53 || tag === 0x52;
}

/** Bytes of the values that have the same size whatever they are, tag included; by tag. */
const PLAIN_SIZES: readonly (number | undefined)[] = plainSizes();

function plainSizes(): (number | undefined)[] {
  const sizes: (number | undefined)[] = new Array(256).fill(undefined);
  const set = (from: number, to: number, size: number) => sizes.fill(size, from, to + 1);
  for (const tag of [0x4e, 0x54, 0x46, 0x5b, 0x5c]) sizes[tag] = 1;
  set(0x80, 0xbf, 1);
  set(0xc0, 0xcf, 2);
  set(0xd0, 0xd7, 3);
  set(0xd8, 0xef, 1);
  set(0xf0, 0xff, 2);
  set(0x38, 0x3f, 3);
  for (const tag of [0x49, 0x59, 0x5f, 0x4b]) sizes[tag] = 5;
  for (const tag of [0x4c, 0x44, 0x4a]) sizes[tag] = 9;
  sizes[0x5d] = 2;
  sizes[0x5e] = 3;
  return sizes;
}
