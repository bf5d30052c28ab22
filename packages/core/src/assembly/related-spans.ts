import type { AssociationKey } from '../association/association-key';
import { associationKeys, keyKind } from '../association/span-keys';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import type { AssemblyOptions, SearchRound } from './assembled-trace';
import type { KeyQuestion, SpanIndex } from './span-index';
import { compareSpans } from './span-order';

/** What the iterative search found. */
export interface RelatedSpans {
  /** The spans it started from, then those of each round, in order. */
  readonly spans: readonly Span[];
  readonly rounds: readonly SearchRound[];
  /** It stopped at `maxRounds` with keys left to ask. */
  readonly exhausted: boolean;
}

/** A search under way: yields what it wants to know and is resumed with the spans. */
export type SpanSearch<Result> = Generator<KeyQuestion, Result, readonly Span[]>;

/**
 * First half of Algorithm 1: asks for every span that shares a key with the set, adds the answer, and asks again with
 * the keys that this brought, until a round adds nothing, no new key is left, or `maxRounds` are over. A key is asked
 * once. An answer may hold too much (known spans, or others where a store keeps hashes of keys): it is filtered here,
 * and sorted, so that every store gives the same result.
 */
export function* collectRelatedSpans(start: Span | Iterable<Span>, options: AssemblyOptions): SpanSearch<RelatedSpans> {
  const known = new Set<SpanId>();
  const spans: Span[] = [];
  const asked = new Set<AssociationKey>();
  const rounds: SearchRound[] = [];
  let keys: AssociationKey[] = [];

  function include(span: Span, held: readonly AssociationKey[]): void {
    if (known.has(span.id)) return;
    known.add(span.id);
    spans.push(span);
    for (const key of held) {
      if (asked.has(key)) continue;
      asked.add(key);
      keys.push(key);
    }
  }

  for (const span of Symbol.iterator in start ? start : [start]) include(span, associationKeys(span));
  for (let round = 1; round <= options.maxRounds && keys.length > 0; round += 1) {
    const question = new Set(keys);
    const answer = yield { round, keys };
    const added: SearchRound['added'][number][] = [];
    keys = [];
    for (const span of answer.toSorted(compareSpans)) {
      if (known.has(span.id)) continue;
      const held = associationKeys(span);
      const key = held.find((each) => question.has(each));
      if (key === undefined) continue;
      added.push({ span: span.id, kind: keyKind(key), key });
      include(span, held);
    }
    rounds.push({ round, keysAsked: question.size, added });
  }
  return { spans, rounds, exhausted: keys.length > 0 };
}

/** Runs a search to its end on an index in memory. */
export function runWithIndex<Result>(search: SpanSearch<Result>, index: Pick<SpanIndex, 'findByKeys'>): Result {
  let step = search.next();
  while (!step.done) step = search.next(index.findByKeys(step.value.keys));
  return step.value;
}

/** Runs a search to its end on a store that answers later; rejects as soon as one answer does. */
export async function runWithStore<Result>(
  search: SpanSearch<Result>,
  ask: (question: KeyQuestion) => Promise<readonly Span[]>,
): Promise<Result> {
  let step = search.next();
  while (!step.done) step = search.next(await ask(step.value));
  return step.value;
}
