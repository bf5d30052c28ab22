import type { Span } from '@causeway/core';
import type { ServiceSummary } from '../api/contract';
import { hasError, serviceOf } from '../api/span-facts';

interface Sums {
  readonly protocols: Set<string>;
  readonly durations: number[];
  errors: number;
}

/** Sums up the spans of a capture by service, most spans first. Counts every span a service took part in. */
export function summariseServices(spans: Iterable<Span>): ServiceSummary[] {
  const byService = new Map<string, Sums>();
  for (const span of spans) {
    const service = serviceOf(span);
    let sums = byService.get(service);
    if (sums === undefined) {
      sums = { protocols: new Set(), durations: [], errors: 0 };
      byService.set(service, sums);
    }
    sums.protocols.add(span.protocol);
    sums.durations.push(Math.max(0, span.end - span.start));
    if (hasError(span)) sums.errors += 1;
  }
  return [...byService]
    .map(([service, { protocols, durations, errors }]) => {
      const sorted = Float64Array.from(durations).sort();
      return {
        service,
        protocols: [...protocols].sort(),
        spanCount: sorted.length,
        errorCount: errors,
        p50Ns: percentile(sorted, 0.5),
        p95Ns: percentile(sorted, 0.95),
      };
    })
    .sort((a, b) => b.spanCount - a.spanCount || (a.service < b.service ? -1 : 1));
}

/** The smallest value that so large a share of the values does not exceed. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
