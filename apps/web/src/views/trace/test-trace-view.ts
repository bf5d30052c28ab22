import type { Span, SpanId } from '@causeway/core';
import type { TraceView } from '../../api/contract';

/** A server's answer for tests: some spans, the first of them the root, and whatever else matters. */
export function traceViewOf(spans: readonly Span[], more: Partial<TraceView> = {}): TraceView {
  const root = spans[0]?.id ?? ('none' as SpanId);
  return {
    ...{ captureId: 'c', timeOrigin: '0', id: root, root, start: 0, end: 10, spans, links: [], nearMisses: [] },
    ...{ rounds: [], roundsExhausted: false, pruned: [], prunedSpans: 0, missing: [], spanLinks: [], outside: [] },
    ...{ clocks: [], hostNames: {}, tags: [], growing: false },
    ...more,
  };
}
