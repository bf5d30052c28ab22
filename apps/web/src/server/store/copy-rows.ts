/** PostgreSQL's binary format of COPY, https://www.postgresql.org/docs/current/sql-copy.html: every field is its length and its bytes. */

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const NULL = -1;
/** Types' numbers (pg_type.oid), which arrays carry. */
const OID = { int4: 23, text: 25 } as const;
/** A UTF-16 unit takes three bytes of UTF-8 at the most. */
const MAX_UTF8_PER_UNIT = 3;
const FIRST_CAPACITY = 64 * 1024;

/** Rows on their way into one table: `row` begins one, then each column is added in the table's order. */
export class CopyRows {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = HEADER.copy(this.#bytes);

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  row(columns: number): void {
    this.#room(2);
    this.#length = this.#bytes.writeInt16BE(columns, this.#length);
  }

  int4(value: number): void {
    this.#int32(4);
    this.#int32(value);
  }

  int8(value: bigint): void {
    this.#int32(8);
    this.#room(8);
    this.#length = this.#bytes.writeBigInt64BE(value, this.#length);
  }

  boolean(value: boolean): void {
    this.#int32(1);
    this.#room(1);
    this.#bytes[this.#length++] = value ? 1 : 0;
  }

  /** PostgreSQL cannot hold NUL in a text, so that becomes U+FFFD. */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.#int32(NULL);
      return;
    }
    const safe = value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
    this.#room(4 + safe.length * MAX_UTF8_PER_UNIT);
    const written = this.#bytes.write(safe, this.#length + 4, 'utf8');
    this.#bytes.writeInt32BE(written, this.#length);
    this.#length += 4 + written;
  }

  bytes(value: Uint8Array): void {
    this.#int32(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  int4s(values: Iterable<number>): void {
    this.#array(OID.int4, values, (value) => this.int4(value));
  }

  texts(values: Iterable<string>): void {
    this.#array(OID.text, values, (value) => this.text(value));
  }

  /** Hands over what was written; the next rows go into fresh memory. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(this.#bytes.length);
    this.#length = 0;
    return taken;
  }

  end(): void {
    this.#room(TRAILER.length);
    this.#length += TRAILER.copy(this.#bytes, this.#length);
  }

  /** One dimension that begins at 1; lengths are filled in when known. */
  #array<T>(oid: number, values: Iterable<T>, write: (value: T) => void): void {
    const begin = this.#length;
    for (const word of [0, 1, 0, oid, 0, 1]) this.#int32(word);
    let count = 0;
    for (const value of values) {
      write(value);
      count += 1;
    }
    this.#bytes.writeInt32BE(this.#length - begin - 4, begin);
    this.#bytes.writeInt32BE(count, begin + 16);
  }

  #int32(value: number): void {
    this.#room(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
