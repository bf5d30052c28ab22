import {
  type AssembledTrace,
  type AssemblyOptions,
  DEFAULT_ASSEMBLY_OPTIONS,
  hostClocksOf,
  runWithStore,
  type Span,
  type SpanId,
  traceSearch,
} from '@causeway/core';
import type { TraceView } from '../../api/contract';
import { notFound } from '../http/failure';
import { hostNames, type SpanSources } from '../store/span-sources';
import { createSpanStore, type SpanStore } from '../store/span-store';
import type { Services } from './services';

/** The trace that holds a span, assembled over one or several captures. @throws ApiFailure 404 */
export async function viewTrace(
  { database }: Services,
  captureId: string,
  sources: SpanSources,
  span: SpanId,
  hostClocks?: AssemblyOptions['hostClocks'],
): Promise<TraceView> {
  const store = createSpanStore(database.sql, sources);
  const start = await store.get(span);
  if (start === undefined) throw notFound('span');
  const options = { ...DEFAULT_ASSEMBLY_OPTIONS, ...(hostClocks !== undefined && { hostClocks }) };
  const trace = await runWithStore(traceSearch(start, options), ({ keys }) => store.findByKeys(keys));
  const present = new Set(trace.spans.map(({ hostId }) => hostId));
  const clocks = [...(hostClocks ?? hostClocksOf([trace])).values()].filter(({ host }) => present.has(host));
  return {
    captureId,
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
    pruned: trace.pruned,
    spanLinks: trace.spanLinks,
    outside: await spansOutside(store, trace),
    clocks,
    hostNames: hostNames(sources),
  };
}

/** Candidates that near misses name, and ends of span links, although they lie in other trees. */
async function spansOutside(store: SpanStore, trace: AssembledTrace): Promise<readonly Span[]> {
  const inside = new Set(trace.spans.map((span) => span.id));
  const named = [...trace.nearMisses.values()].flat().map((evidence) => evidence.parent);
  for (const { from, to } of trace.spanLinks) named.push(from, to);
  return store.getMany([...new Set(named)].filter((id) => !inside.has(id)));
}
