import {
  type AssembledTrace,
  type AssemblyOptions,
  collectRelatedSpans,
  DEFAULT_ASSEMBLY_OPTIONS,
  explainMissing,
  type HostClocks,
  hostClocksOf,
  keysOfKind,
  runWithStore,
  type Span,
  type SpanId,
  traceSearch,
} from '@causeway/core';
import type { PrunedTree, RelatedSpansView, TraceView } from '../api/contract';
import { notFound } from '../api/failure';
import type { CaptureRecord } from './capture-record';
import { hostNames, type SpanSources } from './span-sources';
import type { SpanStore } from './span-store';
import { lossesOf, tagsOf } from './trace-captures';

/** Pruned trees that are named. */
const MAX_PRUNED_TREES = 50;
/** Rounds that people may ask for in the rule lab. */
const MAX_LAB_ROUNDS = 60;
/** Spans that the rule lab takes: a browser assembles them in a blink. */
const MAX_RELATED_SPANS = 20_000;

/** Where a trace is looked at: one capture, or the captures of a workspace. */
export interface TracePlace {
  readonly id: string;
  readonly captures: readonly CaptureRecord[];
  readonly sources: SpanSources;
  readonly store: SpanStore;
  /** Default: as the spans of the trace tell. */
  readonly hostClocks?: HostClocks;
}

const optionsOf = ({ hostClocks }: TracePlace): AssemblyOptions => ({
  ...DEFAULT_ASSEMBLY_OPTIONS,
  ...(hostClocks !== undefined && { hostClocks }),
});

/** The trace that holds a span. @throws ApiFailure 404 */
export async function viewTrace(place: TracePlace, span: SpanId): Promise<TraceView> {
  const { sources, store } = place;
  const start = await requireSpan(store, span);
  const trace = await runWithStore(traceSearch(start, optionsOf(place)), ({ keys }) => store.findByKeys(keys));
  const present = new Set(trace.spans.map(({ hostId }) => hostId));
  const clocks = (place.hostClocks ?? hostClocksOf([trace])).values();
  const pruned = prunedTrees(trace);
  return {
    captureId: place.id,
    timeOrigin: sources.timeOrigin.toString(),
    id: trace.id,
    root: trace.root,
    start: trace.start,
    end: trace.end,
    spans: trace.spans,
    links: [...trace.links.values()],
    nearMisses: [...trace.nearMisses.values()].flat(),
    rounds: trace.rounds,
    roundsExhausted: trace.roundsExhausted,
    pruned,
    prunedSpans: trace.pruned.length,
    missing: explainMissing(trace, lossesOf(place.captures, sources)),
    spanLinks: trace.spanLinks,
    outside: await spansOutside(store, trace, pruned),
    tags: tagsOf(place.captures, trace.spans),
    growing: place.captures.some(({ state }) => state === 'receiving'),
    clocks: [...clocks].filter(({ host }) => present.has(host)),
    hostNames: hostNames(sources),
  };
}

/** What the trace that holds a span may be assembled from. @throws ApiFailure 404 */
export async function viewRelated(place: TracePlace, span: SpanId): Promise<RelatedSpansView> {
  const { sources, store } = place;
  const start = await requireSpan(store, span);
  const search = collectRelatedSpans(start, { ...optionsOf(place), maxRounds: MAX_LAB_ROUNDS });
  const { spans } = await runWithStore(search, ({ keys }) => store.findByKeys(keys));
  const kept = spans.slice(0, MAX_RELATED_SPANS);
  const ids = new Set(kept.map(({ id }) => id));
  const ends = await store.findByKeys(kept.flatMap((each) => keysOfKind(each, 'queue-message')));
  return {
    start: start.id,
    spans: [...kept, ...ends.filter(({ id }) => !ids.has(id))],
    omitted: spans.length - kept.length,
    ...(place.hostClocks !== undefined && { hostClocks: [...place.hostClocks.values()] }),
    losses: lossesOf(place.captures, sources),
  };
}

async function requireSpan(store: SpanStore, id: SpanId): Promise<Span> {
  const span = await store.get(id);
  if (span === undefined) throw notFound('span');
  return span;
}

function prunedTrees({ pruning }: AssembledTrace): PrunedTree[] {
  const trees = new Map<SpanId, PrunedTree>();
  for (const why of pruning) {
    const tree = trees.get(why.root) ?? { root: why.root, spanCount: 0, why };
    trees.set(why.root, { ...tree, spanCount: tree.spanCount + 1 });
  }
  return [...trees.values()].sort((a, b) => b.spanCount - a.spanCount).slice(0, MAX_PRUNED_TREES);
}

/** Spans of other trees that near misses, span links and the list of pruned trees name. */
async function spansOutside(
  store: SpanStore,
  trace: AssembledTrace,
  pruned: readonly PrunedTree[],
): Promise<readonly Span[]> {
  const inside = new Set(trace.spans.map((span) => span.id));
  const named = [...trace.nearMisses.values()].flat().map((evidence) => evidence.parent);
  for (const { from, to } of trace.spanLinks) named.push(from, to);
  for (const { root, why } of pruned) named.push(root, why.span, why.with);
  return store.getMany([...new Set(named)].filter((id) => !inside.has(id)));
}
