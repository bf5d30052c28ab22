const INITIAL_CAPACITY = 1024;
const END = -1;

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
  /** Newest entry of each bucket; the bucket is the hash's low bits. */
  let heads = new Int32Array(capacity).fill(END);
  let next = new Int32Array(capacity);
  let hashes = new Int32Array(capacity);
  let positions = new Int32Array(capacity);

  function grow(): void {
    capacity *= 2;
    next = new Int32Array(capacity);
    hashes = widened(hashes, capacity);
    positions = widened(positions, capacity);
    heads = new Int32Array(capacity).fill(END);
    for (let entry = 0; entry < count; entry += 1) link(entry);
  }

  function link(entry: number): void {
    const bucket = hashes[entry]! & (capacity - 1);
    next[entry] = heads[bucket]!;
    heads[bucket] = entry;
  }

  return {
    add(hash, position) {
      if (count === capacity) grow();
      hashes[count] = hash;
      positions[count] = position;
      link(count);
      count += 1;
    },
    find(hash, limit = Number.POSITIVE_INFINITY) {
      const found: number[] = [];
      const wanted = hash | 0;
      for (let entry = heads[wanted & (capacity - 1)]!; entry !== END; entry = next[entry]!) {
        if (hashes[entry] !== wanted) continue;
        found.push(positions[entry]!);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}

function widened(from: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(capacity);
  wide.set(from);
  return wide;
}
