import { decodeHuffman, HUFFMAN_BITS } from '@causeway/core';
import { matchesName, type NameSet } from './name-set';
import { MASK, maskNamedValues } from './named-values';

/**
 * The fields of HTTP/2 header blocks: HPACK, RFC 7541, section 6; `hpack.ts` of core shows the forms. It is read byte by byte,
 * as frames and calls may cut it anywhere. A value is hidden whose name is sensitive, or not known because it stood in bytes that
 * were not seen; nobody who replays the capture could read that one either.
 */

/** Names of the static table, RFC 7541, appendix A, from index 1 on. */
const STATIC_NAMES =
  ':authority :method :method :path :path :scheme :scheme :status :status :status :status :status :status :status accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition content-encoding content-language content-length content-location content-range content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate'.split(
    ' ',
  );
/** As many as a table of 64 KiB holds; the sender's may be smaller, but then it refers to no older one. */
const MAX_ENTRIES = 2048;
const MAX_INTEGER_BITS = 28;
/** Longer names are not sensitive, longer values are hidden when they are in Huffman code. */
const MAX_NAME = 64;
const MAX_TEXT = 16_384;

/** The Huffman code of `*` fills exactly one byte; of 0, a blank and a colon 5, 6 and 7 bits. */
const HIDDEN_BYTE = 0xf9;
const SHORTER_CODES: Readonly<Record<number, number>> = { 5: 0b00000, 6: 0b010100, 7: 0b1011100, 8: HIDDEN_BYTE };

const decoded = new Uint8Array(MAX_TEXT);
const masked = new Uint8Array(MAX_TEXT);

type Step = 'field' | 'integer' | 'nameHead' | 'name' | 'valueHead' | 'value' | 'lost';
type Purpose = 'skip' | 'nameIndex' | 'nameLength' | 'valueLength';

/** The header blocks of one direction of a connection. */
export class Http2Fields {
  private step: Step = 'field';
  private purpose: Purpose = 'skip';
  private number = 0;
  private shift = 0;
  private huffman = false;
  /** Of the text that is being read. */
  private left = 0;
  /** The name asks for it. */
  private sensitive = false;
  /** The value is, for its name or because it is cut. */
  private hidden = false;
  /** The field goes into the dynamic table. */
  private added = false;
  private readonly name: number[] = [];
  /** Whether the dynamic table's names are sensitive, oldest first. */
  private table: boolean[] = [];
  private readonly staticNames: readonly boolean[];

  constructor(private readonly names: NameSet) {
    this.staticNames = STATIC_NAMES.map((name) => names.names.includes(name));
  }

  /** Goes on with the bytes of a header block, and masks in place. */
  feed(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      if (this.step === 'value') at = this.valueBytes(bytes, at, to);
      else if (this.step === 'lost') bytes[at++] = MASK;
      else this.byte(bytes[at++]!);
    }
  }

  /** Bytes of the block were not seen. */
  lose(): void {
    this.step = 'lost';
    this.table = [];
  }

  endBlock(): void {
    if (this.step !== 'field') this.table = [];
    this.step = 'field';
  }

  private byte(byte: number): void {
    switch (this.step) {
      case 'field':
        this.added = byte >= 0x40 && byte < 0x80;
        if (byte >= 0x80) this.begin('skip', byte & 0x7f, 0x7f);
        else if (byte >= 0x40) this.begin('nameIndex', byte & 0x3f, 0x3f);
        else if (byte >= 0x20) this.begin('skip', byte & 0x1f, 0x1f);
        else this.begin('nameIndex', byte & 0x0f, 0x0f);
        return;
      case 'integer':
        this.number += (byte & 0x7f) * 2 ** this.shift;
        this.shift += 7;
        if (byte < 0x80) this.gotInteger();
        else if (this.shift >= MAX_INTEGER_BITS) this.lose();
        return;
      case 'nameHead':
      case 'valueHead':
        this.huffman = byte >= 0x80;
        this.begin(this.step === 'nameHead' ? 'nameLength' : 'valueLength', byte & 0x7f, 0x7f);
        return;
      default:
        this.nameByte(byte);
    }
  }

  /** An integer of section 5.1, of which the first byte holds `number`. */
  private begin(purpose: Purpose, number: number, full: number): void {
    this.purpose = purpose;
    this.number = number;
    this.shift = 0;
    this.step = 'integer';
    if (number < full) this.gotInteger();
  }

  private gotInteger(): void {
    const { number } = this;
    switch (this.purpose) {
      case 'skip':
        this.step = 'field';
        return;
      case 'nameIndex':
        this.sensitive = number > 0 && this.isSensitive(number);
        this.step = number === 0 ? 'nameHead' : 'valueHead';
        return;
      case 'nameLength':
        this.name.length = 0;
        this.left = number;
        this.step = 'name';
        if (number === 0) this.lose();
        return;
      case 'valueLength':
        this.left = number;
        this.hidden = this.sensitive;
        this.step = 'value';
        if (number === 0) this.endField();
    }
  }

  private isSensitive(index: number): boolean {
    if (index <= this.staticNames.length) return this.staticNames[index - 1]!;
    return this.table[this.table.length - (index - this.staticNames.length)] ?? true;
  }

  private nameByte(byte: number): void {
    if (this.name.length < MAX_NAME) this.name.push(byte);
    this.left -= 1;
    if (this.left > 0) return;
    const bytes = Uint8Array.from(this.name);
    const length = this.huffman ? decodeHuffman(bytes, 0, bytes.length, decoded) : bytes.length;
    this.sensitive = length > 0 && matchesName(this.names, this.huffman ? decoded : bytes, 0, length) === 0;
    this.step = 'valueHead';
  }

  /** Returns where the value's bytes end, or those that are here. */
  private valueBytes(bytes: Uint8Array, at: number, to: number): number {
    const end = Math.min(to, at + this.left);
    const whole = end - at === this.left;
    // Plain text is looked through together with everything else. Huffman code can only be read whole.
    if (this.huffman && !whole) this.hidden = true;
    if (this.hidden) bytes.fill(this.huffman ? HIDDEN_BYTE : MASK, at, end);
    else if (this.huffman) maskWithin(bytes, at, end, this.names);
    this.left -= end - at;
    if (this.left === 0) this.endField();
    return end;
  }

  private endField(): void {
    this.step = 'field';
    if (!this.added) return;
    this.table.push(this.sensitive);
    if (this.table.length > 2 * MAX_ENTRIES) this.table = this.table.slice(-MAX_ENTRIES);
  }
}

/** Masks what sensitive names within a text of Huffman code stand for, such as a parameter in a path. */
function maskWithin(bytes: Uint8Array, from: number, to: number, names: NameSet): void {
  const length = decodeHuffman(bytes, from, to, decoded);
  if (length < 0 || length === MAX_TEXT) {
    bytes.fill(HIDDEN_BYTE, from, to);
    return;
  }
  masked.set(decoded.subarray(0, length));
  maskNamedValues(masked, 0, length, names, 'none');
  let bit = from * 8;
  for (let i = 0; i < length; ) {
    let bits = 0;
    for (; i < length && masked[i] !== decoded[i]; i += 1) bits += HUFFMAN_BITS[decoded[i]!]!;
    bit = hideBits(bytes, bit, bits);
    for (; i < length && masked[i] === decoded[i]; i += 1) bit += HUFFMAN_BITS[decoded[i]!]!;
  }
}

/** Writes characters whose codes fill exactly so many bits. Every sum of codes can be made of codes of 5 to 8 bits. */
function hideBits(bytes: Uint8Array, start: number, bits: number): number {
  let bit = start;
  for (let left = bits; left > 0; ) {
    // What is left must be none, or enough for another code: never 1 to 4, nor 9.
    const size = [8, 7, 6, 5].find((n) => n <= left && (left - n === 0 || (left - n >= 5 && left - n !== 9)))!;
    for (let place = size - 1; place >= 0; place -= 1, bit += 1) {
      const flag = 0x80 >> (bit & 7);
      if ((SHORTER_CODES[size]! >> place) & 1) bytes[bit >> 3]! |= flag;
      else bytes[bit >> 3]! &= ~flag;
    }
    left -= size;
  }
  return bit;
}
