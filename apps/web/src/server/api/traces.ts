import { type AssembledTrace, runWithStore, type Span, type SpanId, traceSearch } from '@causeway/core';
import type { TraceView } from '../../api/contract';
import { readQuery } from '../http/body';
import { notFound } from '../http/failure';
import type { Route } from '../http/router';
import { createSpanStore, type SpanStore } from '../store/span-store';
import { queryTraces, traceQuerySchema } from '../store/trace-query';
import { requireCapture } from './captures';
import type { Services } from './services';

export function traceRoutes(services: Services): readonly Route[] {
  const { sql } = services.database;
  return [
    {
      method: 'GET',
      pattern: '/api/captures/:capture/traces',
      async handle({ id, query }) {
        const { id: captureId, timeOrigin } = await requireCapture(services, id('capture'));
        return queryTraces(sql, captureId, timeOrigin ?? 0n, readQuery(query, traceQuerySchema));
      },
    },
    {
      method: 'GET',
      pattern: '/api/captures/:capture/traces/:span',
      async handle({ id, param }): Promise<TraceView> {
        const { id: captureId, timeOrigin } = await requireCapture(services, id('capture'));
        const store = createSpanStore(sql, captureId);
        const start = await store.get(param('span') as SpanId);
        if (start === undefined) throw notFound('span');
        const trace = await runWithStore(traceSearch(start), ({ keys }) => store.findByKeys(keys));
        return {
          captureId,
          timeOrigin: (timeOrigin ?? 0n).toString(),
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
        };
      },
    },
  ];
}

/** Candidates that near misses name, and ends of span links, although they lie in other trees. */
async function spansOutside(store: SpanStore, trace: AssembledTrace): Promise<readonly Span[]> {
  const inside = new Set(trace.spans.map((span) => span.id));
  const named = [...trace.nearMisses.values()].flat().map((evidence) => evidence.parent);
  for (const { from, to } of trace.spanLinks) named.push(from, to);
  return store.getMany([...new Set(named)].filter((id) => !inside.has(id)));
}
