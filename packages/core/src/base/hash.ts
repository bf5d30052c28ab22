/** A 64-bit hash grown value by value, as two halves (MurmurHash3's mixing, two seeds). For names, not for secrets. */
export class Hash64 {
  private high: number;
  private low: number;

  constructor(seed?: Hash64) {
    this.high = seed === undefined ? 0x9747b28c : seed.high;
    this.low = seed === undefined ? 0x5bd1e995 : seed.low;
  }

  /** Adds a whole number of at most 53 bits. */
  add(value: number): this {
    this.mix(value | 0);
    this.mix(Math.floor(value / 0x1_0000_0000) | 0);
    return this;
  }

  addText(text: string): this {
    this.mix(text.length);
    for (let i = 0; i < text.length; i += 1) this.mix(text.charCodeAt(i));
    return this;
  }

  /** Sixteen lower-case hex digits. */
  hex(): string {
    return hex32(finish(this.high)) + hex32(finish(this.low ^ this.high));
  }

  private mix(word: number): void {
    const a = Math.imul(word, 0xcc9e2d51);
    this.high = (Math.imul(rotate(this.high ^ Math.imul(rotate(a, 15), 0x1b873593), 13), 5) + 0xe6546b64) | 0;
    const b = Math.imul(word, 0x38b34ae5);
    this.low = (Math.imul(rotate(this.low ^ Math.imul(rotate(b, 16), 0xa1e38b93), 17), 5) + 0x52dce729) | 0;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finish(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const BYTE_HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex32(word: number): string {
  return (
    BYTE_HEX[word >>> 24]! + BYTE_HEX[(word >>> 16) & 255]! + BYTE_HEX[(word >>> 8) & 255]! + BYTE_HEX[word & 255]!
  );
}
