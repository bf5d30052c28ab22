import {
  type AssociationKey,
  KEY_KINDS,
  type KeyKind,
  type Span,
  type SpanId,
  visitKeys,
  visitKeyText,
} from '@causeway/core';
import { storedSystraceId } from '../../answers/span-sources';

/**
 * Association keys and span ids as numbers of 32 bits, short to store and index. Two that happen to meet in one number
 * only cost a look: who asks compares the values themselves afterwards.
 */
const SEED = Object.fromEntries(KEY_KINDS.map((kind, i) => [kind, Math.imul(i + 2, 0x9e3779b1)])) as Record<
  KeyKind,
  number
>;
const SPAN_ID_SEED = 0x9e3779b1;

/** Hash of every key of a span, and of its id. */
export function spanHashes(span: Span, into: Set<number>): void {
  into.add(hashSpanId(span.id));
  visitKeys(span, (kind, scope, value) => void into.add(hashParts(kind, scope, value)));
}

/** As the captures of the key's holders have stored it. */
export function hashKey(key: AssociationKey): number {
  let hash = 0;
  visitKeyText(key, (kind, scope, value) => {
    hash = hashParts(kind, scope, kind === 'systrace' ? storedSystraceId(Number(value)) : value);
  });
  return hash;
}

export function hashSpanId(id: SpanId): number {
  return mix(addText(SPAN_ID_SEED, id));
}

function hashParts(kind: KeyKind, scope: string, value: string | number): number {
  const scoped = mix(addText(SEED[kind], scope));
  return mix(typeof value === 'string' ? addText(scoped, value) : addNumber(scoped, value));
}

/** FNV-1a over UTF-16 units. */
function addText(hash: number, text: string): number {
  let h = hash;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** A whole number of up to 53 bits. */
function addNumber(hash: number, value: number): number {
  return Math.imul(hash ^ (value | 0), 0x01000193) ^ Math.imul((value / 0x1_0000_0000) | 0, 0x27d4eb2f);
}

/** Final mixer of MurmurHash3 (public domain). */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
