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
    const high = finish(this.high);
    const low = finish(this.low ^ this.high);
    // One call, as joined pieces would stay pieces until somebody looks: twice the memory for each of a million ids.
    return String.fromCharCode(
      DIGITS[high >>> 28]!,
      DIGITS[(high >>> 24) & 15]!,
      DIGITS[(high >>> 20) & 15]!,
      DIGITS[(high >>> 16) & 15]!,
      DIGITS[(high >>> 12) & 15]!,
      DIGITS[(high >>> 8) & 15]!,
      DIGITS[(high >>> 4) & 15]!,
      DIGITS[high & 15]!,
      DIGITS[low >>> 28]!,
      DIGITS[(low >>> 24) & 15]!,
      DIGITS[(low >>> 20) & 15]!,
      DIGITS[(low >>> 16) & 15]!,
      DIGITS[(low >>> 12) & 15]!,
      DIGITS[(low >>> 8) & 15]!,
      DIGITS[(low >>> 4) & 15]!,
      DIGITS[low & 15]!,
    );
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

/** Code units of the hex digits. */
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
