import { LOOKUP_KINDS, type LookupKind } from './association-key';

const KIND_SEED = Object.fromEntries(LOOKUP_KINDS.map((kind, i) => [kind, Math.imul(i + 1, 0x9e3779b1)])) as Record<
  LookupKind,
  number
>;

/** Final mixer of MurmurHash3 (public domain): every input bit reaches every output bit. */
function scramble(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Joins a value to a hash; the order of joins matters. */
export function mixHash(hash: number, value: number): number {
  return scramble(Math.imul(hash, 31) ^ value);
}

/** FNV-1a over UTF-16 units. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/**
 * Hash of a whole number of up to 53 bits. Numbers that follow one another get hashes that do: ids and sequences rise
 * with time, so what is looked up next lies near what was looked up last, in the processor's cache. The shift parts
 * numbers whose low bits are all alike.
 */
function numberHash(value: number): number {
  const folded = (value | 0) ^ Math.imul((value / 0x1_0000_0000) | 0, 0x27d4eb2f);
  return folded ^ (folded >>> 15);
}

/** 32-bit hash of a key's parts, without making text of them: most keys are numbers, and there are millions. */
export function keyHash(kind: LookupKind, scopeHash: number, value: string | number): number {
  return mixHash(KIND_SEED[kind], scopeHash) ^ (typeof value === 'number' ? numberHash(value) : textHash(value));
}
