import type { AssociationKey } from '../association/association-key';
import { keysOfKind } from '../association/span-keys';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import type { AssembledTrace, AssemblyOptions } from './assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { createSpanIndex } from './memory-span-index';
import { explainPruning } from './pruning';
import { collectRelatedSpans, runWithIndex, type SpanSearch } from './related-spans';
import type { MemorySpanIndex, SpanIndex } from './span-index';
import { compareSpans } from './span-order';
import { growForest, type SearchReport } from './trace-tree';

const NO_SEARCH: SearchReport = { rounds: [], roundsExhausted: false, pruned: [] };

/**
 * Algorithm 1 for one span, as a search that any store can answer (`runWithIndex`, `runWithStore`): the tree that holds
 * `start`, from its root down. `pruned` names the related spans that this tree does not reach.
 */
export function* traceSearch(
  start: Span,
  options: AssemblyOptions = DEFAULT_ASSEMBLY_OPTIONS,
): SpanSearch<AssembledTrace> {
  const related = yield* collectRelatedSpans(start, options);
  const index = createSpanIndex(related.spans);
  const forest = growForest(index, options);
  const root = forest.rootOf(index.positionOf(start.id)!);
  const { spans } = forest.trace(root, NO_SEARCH);
  const reached = new Set(spans.map((span) => span.id));
  const unreached = related.spans.filter((span) => !reached.has(span.id)).sort(compareSpans);
  const pruned = unreached.map((span) => span.id);
  const rootOf = ({ id }: Span) => index.at(forest.rootOf(index.positionOf(id)!)).id;
  const { rounds, exhausted: roundsExhausted } = related;
  const keys = queueKeys(spans);
  const ends = keys.length === 0 ? [] : yield { round: rounds.length + 1, keys };
  const linked = ends.length === 0 ? index : createSpanIndex([...related.spans, ...ends]);
  return forest.trace(root, {
    ...{ rounds, roundsExhausted, pruned, linked },
    explainPruning: () => explainPruning(spans, related.spans, unreached, rootOf),
  });
}

/** By which the other ends of span links are found. They are no part of the search: a link joins traces, not spans of one. */
function queueKeys(spans: readonly Span[]): AssociationKey[] {
  return [...new Set(spans.flatMap((span) => keysOfKind(span, 'queue-message')))];
}

/** The trace that holds `start`. Pure: the same spans and options give the same trace, in whatever order they were added. */
export function assembleTrace(
  index: Pick<SpanIndex, 'findByKeys'>,
  start: Span,
  options: AssemblyOptions = DEFAULT_ASSEMBLY_OPTIONS,
): AssembledTrace {
  return runWithIndex(traceSearch(start, options), index);
}

/**
 * Every trace of an index, by start of their roots; each span is in exactly one. Nothing is searched, as all spans are
 * candidates: `rounds` and `pruned` are empty, and no limit of rounds can cut a trace.
 */
export function assembleAll(
  index: MemorySpanIndex,
  options: AssemblyOptions = DEFAULT_ASSEMBLY_OPTIONS,
): AssembledTrace[] {
  const forest = growForest(index, options);
  return forest.roots.map((root) => forest.trace(root, NO_SEARCH));
}

/** What new spans changed. */
export interface AssembledAround {
  /** Traces that hold a new span or a near relation of one, as they are now. */
  readonly traces: readonly AssembledTrace[];
  /** Spans of these traces that are no root: a trace formerly listed under one of these ids is no more. */
  readonly absorbed: readonly SpanId[];
}

/** A new span can move the parent of a span that shares a key with it (round 1) or, by a chain (R06), of that one's neighbour. */
const ROUNDS_TOUCHED = 2;

/**
 * The traces that newly added spans touch, for a capture that grows: the spans must be in the index already. Costs a
 * search around them instead of the whole capture.
 */
export function assembleAround(
  index: Pick<SpanIndex, 'findByKeys'>,
  newSpans: readonly Span[],
  options: AssemblyOptions = DEFAULT_ASSEMBLY_OPTIONS,
): AssembledAround {
  const related = runWithIndex(collectRelatedSpans(newSpans, options), index);
  const local = createSpanIndex(related.spans);
  const forest = growForest(local, options);
  const touched = new Set(newSpans.map((span) => span.id));
  for (const { round, added } of related.rounds) {
    if (round <= ROUNDS_TOUCHED) for (const { span } of added) touched.add(span);
  }
  const roots = new Set<number>();
  for (const id of touched) roots.add(forest.rootOf(local.positionOf(id)!));
  const ends = index.findByKeys(queueKeys(related.spans));
  const linked = ends.length === 0 ? local : createSpanIndex([...related.spans, ...ends]);
  const traces = forest.roots
    .filter((root) => roots.has(root))
    .map((root) => forest.trace(root, { ...NO_SEARCH, roundsExhausted: related.exhausted, linked }));
  return { traces, absorbed: traces.flatMap((trace) => trace.spans.slice(1).map((span) => span.id)) };
}

/**
 * Every tree of what the search from one span finds, the one that holds it among them, by start of their roots. All of
 * them tell the rounds of that search.
 */
export function assembleRelated(
  index: Pick<SpanIndex, 'findByKeys'>,
  start: Span,
  options: AssemblyOptions = DEFAULT_ASSEMBLY_OPTIONS,
): AssembledTrace[] {
  const { spans, rounds, exhausted: roundsExhausted } = runWithIndex(collectRelatedSpans(start, options), index);
  const forest = growForest(createSpanIndex(spans), options);
  const linked = createSpanIndex([...spans, ...index.findByKeys(queueKeys(spans))]);
  return forest.roots.map((root) => forest.trace(root, { rounds, roundsExhausted, pruned: [], linked }));
}
