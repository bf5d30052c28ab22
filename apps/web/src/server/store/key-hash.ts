/**
 * An association key as a number of 53 bits: short to store, index and print. Two keys that happen to meet in one number
 * only cost a comparison: who asks compares the keys themselves afterwards.
 */
export function hashKey(key: string): number {
  // FNV-1a over UTF-16 units, twice with different multipliers, then mixed (murmur3's finaliser).
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let i = 0; i < key.length; i += 1) {
    const unit = key.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x85ebca6b);
  }
  high = mix(high ^ (low >>> 15));
  low = mix(low ^ high);
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
