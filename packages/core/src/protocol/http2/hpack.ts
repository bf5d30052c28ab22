import { decodeText } from '../../base/text';
import { DynamicTable } from './dynamic-table';
import { type Field, type FieldName, fieldNameOf, STATIC_TABLE, UNKNOWN_FIELD } from './field-names';
import { decodeHuffman } from './huffman';

/**
 * HPACK: RFC 7541, section 6. A header block is a row of
 *
 *   1xxxxxxx               indexed field
 *   01xxxxxx name? value   literal, added to the dynamic table
 *   001xxxxx               dynamic table size update, only in front
 *   0000xxxx name? value   literal
 *   0001xxxx name? value   literal, never indexed
 *
 * x… is an integer (section 5.1): an index, where 0 says that the name follows as text, or a size. A text (section 5.2)
 * is a bit for Huffman, a length, and so many bytes.
 */
export interface FieldSink {
  /** `value` is undefined where the field is not read or was not seen. */
  field(name: FieldName, value: string | undefined): void;
}

/** Longer texts are cut: nobody reads them. */
const MAX_TEXT = 4096;
const MAX_NAME = 64;
const scratch = new Uint8Array(MAX_TEXT);

/** The decoder of one direction of a connection. */
export class HpackDecoder {
  private readonly table = new DynamicTable();
  private bytes: Uint8Array = scratch;
  private at = 0;
  private end = 0;
  /** What was read reaches beyond the end, or is no HPACK. */
  private broken = false;

  /** Passes on each field of the block. False = the block is cut or damaged; the fields before that point are right. */
  decode(bytes: Uint8Array, start: number, end: number, sink: FieldSink): boolean {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.broken = false;
    while (this.at < end) {
      const first = bytes[this.at]!;
      if (first >= 0x80) {
        const field = this.fieldAt(this.integer(0x7f));
        if (this.broken) break;
        sink.field(field.name, field.value);
      } else if (first >= 0x40) {
        const field = this.literal(0x3f);
        if (this.broken) break;
        this.table.add(field);
        sink.field(field.name, field.value);
      } else if (first >= 0x20) {
        const size = this.integer(0x1f);
        if (this.broken) break;
        this.table.resize(size);
      } else {
        const field = this.literal(0x0f);
        if (this.broken) break;
        sink.field(field.name, field.value);
      }
    }
    if (this.broken) this.forget();
    return !this.broken;
  }

  /** Header blocks were lost: what they added is not known. */
  forget(): void {
    this.table.forget();
  }

  private literal(prefix: number): Field {
    const index = this.integer(prefix);
    const name = index === 0 ? this.name() : this.fieldAt(index).name;
    return { name, value: this.value(name) };
  }

  private fieldAt(index: number): Field {
    if (index === 0) this.broken = true;
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1] ?? UNKNOWN_FIELD;
    const place = index - STATIC_TABLE.length - 1;
    if (place >= DynamicTable.MAX_INDEX) this.broken = true;
    return this.table.at(place);
  }

  private name(): FieldName {
    const huffman = this.bytes[this.at]! >= 0x80;
    const length = this.textLength();
    const start = this.at;
    this.at += length;
    if (this.broken || length === 0) {
      this.broken = true;
      return 'unknown';
    }
    if (!huffman) return fieldNameOf(this.bytes, start, this.at);
    // A name that is longer than the shortest code allows is none that is read.
    if (length > MAX_NAME) return 'other';
    const decoded = decodeHuffman(this.bytes, start, this.at, scratch);
    if (decoded < 0) this.broken = true;
    return fieldNameOf(scratch, 0, decoded);
  }

  private value(name: FieldName): string | undefined {
    const huffman = this.bytes[this.at]! >= 0x80;
    const length = this.textLength();
    const start = this.at;
    this.at += length;
    if (this.broken || name === 'other' || name === 'pseudo' || name === 'unknown') return undefined;
    if (!huffman) return decodeText(this.bytes, start, Math.min(this.at, start + MAX_TEXT));
    const decoded = decodeHuffman(this.bytes, start, this.at, scratch);
    if (decoded >= 0) return decodeText(scratch, 0, decoded);
    this.broken = true;
    return undefined;
  }

  private textLength(): number {
    const length = this.integer(0x7f);
    if (length > this.end - this.at) this.broken = true;
    return this.broken ? 0 : length;
  }

  /** `prefix` has a one for each bit of the first byte that belongs to the integer. At most four bytes may follow. */
  private integer(prefix: number): number {
    if (this.at >= this.end) {
      this.broken = true;
      return 0;
    }
    let value = this.bytes[this.at]! & prefix;
    this.at += 1;
    if (value < prefix) return value;
    for (let shift = 0; shift < 28 && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at]!;
      this.at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.broken = true;
    return 0;
  }
}
