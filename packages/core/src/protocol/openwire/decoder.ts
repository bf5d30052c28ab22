import { decodeText } from '../../base/text';
import { STRUCTURES } from './structures';

/** A structure that others refer to: destinations by their name, ids by that of their connection. */
export interface Named {
  readonly type: number;
  readonly text: string;
}

/** The structures that one side has sent and refers to by number since. */
export type StructureCache = Map<number, Named>;
/** Peers agree on 1024, and number from 0. */
const MAX_CACHED = 16_384;
const MAX_DEPTH = 4;

/** What the fields of a command say, as far as they are of interest; the last of a name wins. */
export interface Values {
  commandId: number;
  responseRequired: boolean;
  correlation: number;
  readonly names: Map<string, Named>;
  readonly texts: Map<string, string>;
  /** Where the message's properties begin and end, 0 = there are none. */
  propertiesFrom: number;
  propertiesTo: number;
}

export interface Format {
  readonly version: number;
  /** Undefined = the handshake was not seen; then the first structure tells, and it is set. */
  cached: boolean | undefined;
}

/**
 * Reads one command. Loose encoding writes each boolean where it belongs; tight encoding gathers them all in a row of bits in
 * front (its length in 1 byte, or C0 and 1, or 80 and 2), and shortens numbers by them. Past the end everything is 0 or
 * absent, and `broken` is set; so it is by what cannot be.
 */
export class Decoder {
  broken = false;
  /** Structures read whole, or found in the cache. */
  structures = 0;
  readonly values: Values = {
    commandId: 0,
    responseRequired: false,
    correlation: -1,
    names: new Map(),
    texts: new Map(),
    propertiesFrom: 0,
    propertiesTo: 0,
  };
  private bits = -1;
  private bitsEnd = 0;
  private readonly tight: boolean;
  private depth = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly end: number,
    private readonly format: Format,
    private readonly cache: StructureCache,
  ) {
    // A command's number begins in loose encoding, and is never that high; the row of bits is never empty.
    this.tight = at < end && bytes[at] !== 0;
    if (this.tight) this.readBits();
  }

  /** Number and mark of a command, which all begin with. */
  readHead(): void {
    const id = this.i32();
    const required = this.bool();
    // A dispatch has seldom a number of its own; then that of its message tells which it is.
    if (this.depth === 0 || this.values.commandId === 0) this.values.commandId = id;
    if (this.depth === 0) this.values.responseRequired = required;
  }

  /** The fields of the structure; its own name, where it has one. */
  readFields(type: number): string {
    let own = '';
    const structure = STRUCTURES.get(type);
    if (structure === undefined || this.depth > MAX_DEPTH) {
      this.broken = true;
      return own;
    }
    const isPart = structure.role === 'part';
    for (const { name, kind, since } of structure.fields) {
      if (this.broken) return own;
      if (since > this.format.version) continue;
      switch (kind) {
        case 'c':
          this.keep(name, this.cached(), isPart);
          break;
        case 'n':
          this.keep(name, this.nested(), isPart);
          break;
        case 's': {
          const text = this.string();
          if (name === 'name') own = text ?? '';
          else if (!isPart && text !== undefined) this.values.texts.set(name, text);
          break;
        }
        case 'l':
          this.long();
          break;
        case 'i': {
          const value = this.i32();
          if (name === 'correlation') this.values.correlation = value;
          break;
        }
        case 'b':
          this.bool();
          break;
        case 'B':
          this.skip(1);
          break;
        case 'y':
          this.byteSequence(name);
          break;
        case 't':
          this.exception();
      }
    }
    return own;
  }

  private keep(name: string, value: Named | undefined, isPart: boolean): void {
    if (!isPart && value !== undefined) this.values.names.set(name, value);
  }

  private cached(): Named | undefined {
    const isNew = this.tight ? this.peekBit() : this.byteAt(this.at) !== 0;
    if (this.format.cached === undefined && isNew) {
      // Without a cache the type of a structure stands where its number would, whose high byte is small.
      this.format.cached = this.byteAt(this.tight ? this.at : this.at + 1) < 64;
    }
    if (this.format.cached === false) return this.nested();
    this.bool();
    const index = this.u16();
    if (this.broken) return undefined;
    if (!isNew) {
      const known = this.cache.get(index);
      if (known !== undefined) this.structures += 1;
      return known;
    }
    const value = this.nested();
    if (this.broken) return value;
    if (value === undefined) this.cache.delete(index);
    else if (this.cache.size < MAX_CACHED) this.cache.set(index, value);
    return value;
  }

  private nested(): Named | undefined {
    if (!this.bool()) return undefined;
    const type = this.u8();
    const structure = STRUCTURES.get(type);
    if (this.broken || structure === undefined || structure.role === 'command' || structure.role === 'response') {
      this.broken = true;
      return undefined;
    }
    this.depth += 1;
    const isMessage = structure.role === 'message';
    if (isMessage) {
      // A message that its sender had at hand in bytes: its length, type and a row of bits of its own.
      if (this.tight && this.bool()) {
        this.skip(5);
        this.readBits();
      }
      this.readHead();
    }
    const text = this.readFields(type);
    this.depth -= 1;
    if (!this.broken) this.structures += 1;
    return { type, text };
  }

  private readBits(): void {
    let size = this.u8();
    if (size === 0xc0) size = this.u8();
    else if (size === 0x80) size = this.u16();
    this.bits = this.at * 8;
    this.skip(size);
    this.bitsEnd = this.at * 8;
  }

  private peekBit(): boolean {
    return this.bits < this.bitsEnd && ((this.bytes[this.bits >> 3]! >> (this.bits & 7)) & 1) === 1;
  }

  private bool(): boolean {
    if (!this.tight) return this.u8() !== 0;
    if (this.bits >= this.bitsEnd) {
      this.broken = true;
      return false;
    }
    const bit = this.peekBit();
    this.bits += 1;
    return bit;
  }

  private string(): string | undefined {
    if (!this.bool()) return undefined;
    // Whether it is ASCII makes no difference here.
    if (this.tight) this.bool();
    const length = this.u16();
    const from = this.at;
    this.skip(length);
    return this.broken ? undefined : decodeText(this.bytes, from, from + length);
  }

  private long(): void {
    if (!this.tight) {
      this.skip(8);
      return;
    }
    const first = this.bool();
    const second = this.bool();
    this.skip(first ? (second ? 8 : 4) : second ? 2 : 0);
  }

  private byteSequence(name: string): void {
    if (!this.bool()) return;
    const length = this.i32() >>> 0;
    const from = this.at;
    if (name === 'properties' && !this.broken) {
      this.values.propertiesFrom = from;
      this.values.propertiesTo = Math.min(this.end, from + length);
    }
    this.skip(length);
  }

  private exception(): void {
    if (!this.bool()) return;
    const name = this.string();
    const text = this.string();
    const said = text !== undefined && text !== '' ? text : name;
    if (said !== undefined) this.values.texts.set('exception', said);
  }

  private byteAt(at: number): number {
    return at < this.end ? this.bytes[at]! : -1;
  }

  private skip(count: number): void {
    if (count <= this.end - this.at) this.at += count;
    else {
      this.at = this.end;
      this.broken = true;
    }
  }

  private u8(): number {
    const from = this.at;
    this.skip(1);
    return this.broken ? 0 : this.bytes[from]!;
  }

  private u16(): number {
    return this.u8() * 256 + this.u8();
  }

  private i32(): number {
    return (this.u16() * 0x1_0000 + this.u16()) | 0;
  }
}
