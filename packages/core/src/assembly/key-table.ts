const INITIAL_CAPACITY = 1024;
const END = -1;
/** An entry: the next one of its bucket, its hash, its position. Side by side, so that one cache line holds them. */
const WIDTH = 3;
const HASH = 1;
const POSITION = 2;

/**
 * A multi-map from 32-bit hashes to positions, in typed arrays: a `Map` of arrays takes ten times the memory and ends
 * at 2²⁴ keys, which four million spans would pass. Entries are only ever added.
 */
export interface KeyTable {
  add(hash: number, position: number): void;
  /** Positions added under the hash, newest first, at most `limit`. Hashes collide, so the caller verifies. */
  find(hash: number, limit?: number): number[];
}

export function createKeyTable(): KeyTable {
  let capacity = INITIAL_CAPACITY;
  let count = 0;
  /** Newest entry of each bucket, as its offset; the bucket is the hash's low bits. */
  let heads = new Int32Array(capacity).fill(END);
  let entries = new Int32Array(capacity * WIDTH);

  function grow(): void {
    capacity *= 2;
    const wider = new Int32Array(capacity * WIDTH);
    wider.set(entries);
    entries = wider;
    heads = new Int32Array(capacity).fill(END);
    for (let at = 0; at < count * WIDTH; at += WIDTH) link(at);
  }

  function link(at: number): void {
    const bucket = entries[at + HASH]! & (capacity - 1);
    entries[at] = heads[bucket]!;
    heads[bucket] = at;
  }

  return {
    add(hash, position) {
      if (count === capacity) grow();
      const at = count * WIDTH;
      entries[at + HASH] = hash;
      entries[at + POSITION] = position;
      link(at);
      count += 1;
    },
    find(hash, limit = Number.POSITIVE_INFINITY) {
      const found: number[] = [];
      const wanted = hash | 0;
      for (let at = heads[wanted & (capacity - 1)]!; at !== END; at = entries[at]!) {
        if (entries[at + HASH] !== wanted) continue;
        found.push(entries[at + POSITION]!);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}
