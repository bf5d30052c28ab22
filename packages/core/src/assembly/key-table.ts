const INITIAL_CAPACITY = 64;
const END = -1;
/** An entry: the next one of its bucket, its hash, its position. Side by side, so that one cache line holds them. */
const WIDTH = 3;
const HASH = 1;
const POSITION = 2;

const NOTHING: readonly number[] = [];

/**
 * A multi-map from 32-bit hashes to positions, in typed arrays: a `Map` of arrays takes ten times the memory and ends
 * at 2²⁴ keys, which four million spans would pass. Entries are only ever added.
 */
export class KeyTable {
  private capacity: number;
  private count = 0;
  /** Newest entry of each bucket, as its offset; the bucket is the hash's low bits. */
  private heads: Int32Array;
  private entries: Int32Array;

  /** `expected` entries are taken without growing. */
  constructor(expected = 0) {
    this.capacity = 2 ** Math.ceil(Math.log2(Math.max(expected, INITIAL_CAPACITY)));
    this.heads = new Int32Array(this.capacity).fill(END);
    this.entries = new Int32Array(this.capacity * WIDTH);
  }

  get size(): number {
    return this.count;
  }

  add(hash: number, position: number): void {
    if (this.count === this.capacity) this.grow();
    const at = this.count * WIDTH;
    this.entries[at + HASH] = hash;
    this.entries[at + POSITION] = position;
    this.link(at);
    this.count += 1;
  }

  /** Positions added under the hash, newest first, at most `limit`. Hashes collide, so the caller verifies. */
  find(hash: number, limit = Number.POSITIVE_INFINITY): readonly number[] {
    const { entries } = this;
    let found: number[] | undefined;
    const wanted = hash | 0;
    for (let at = this.heads[wanted & (this.capacity - 1)]!; at !== END; at = entries[at]!) {
      if (entries[at + HASH] !== wanted) continue;
      if (found === undefined) found = [entries[at + POSITION]!];
      else found.push(entries[at + POSITION]!);
      if (found.length >= limit) break;
    }
    return found ?? NOTHING;
  }

  private grow(): void {
    this.capacity *= 2;
    const wider = new Int32Array(this.capacity * WIDTH);
    wider.set(this.entries);
    this.entries = wider;
    this.heads = new Int32Array(this.capacity).fill(END);
    for (let at = 0; at < this.count * WIDTH; at += WIDTH) this.link(at);
  }

  private link(at: number): void {
    const bucket = this.entries[at + HASH]! & (this.capacity - 1);
    this.entries[at] = this.heads[bucket]!;
    this.heads[bucket] = at;
  }
}
