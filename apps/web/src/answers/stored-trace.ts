import type { AssembledTrace, Span, TimeOrigin } from '@causeway/core';
import type { TraceRow } from '../api/contract';
import { hasError, serviceOf } from '../api/span-facts';

/** Longest text the search box looks through, a trace. */
const MAX_SEARCH_LENGTH = 4_000;

/** A trace as it is listed: what the list filters and sorts by, and what it shows. */
export interface StoredTrace {
  /** As the list shows it, but for the start. */
  readonly row: Omit<TraceRow, 'start'>;
  readonly startNs: bigint;
  /** Of all its spans, for filters. */
  readonly protocols: ReadonlySet<string>;
  /** Lower-case text that the search box looks in. */
  readonly search: string;
}

/** Sums a trace up. @throws when the trace has no spans. */
export function storedTrace(trace: AssembledTrace, origin: TimeOrigin): StoredTrace {
  // Depth first, so the root is the first.
  const root = trace.spans[0];
  if (root === undefined) throw new Error(`trace ${trace.id} is empty`);
  const counts = new Map<string, number>();
  const protocols = new Set<string>();
  let failed = false;
  let incomplete = false;
  for (const span of trace.spans) {
    const service = serviceOf(span);
    counts.set(service, (counts.get(service) ?? 0) + 1);
    protocols.add(span.protocol);
    failed ||= hasError(span);
    incomplete ||= span.incomplete !== undefined;
  }
  const services = [...counts].map(([service, spanCount]) => ({ service, spanCount }));
  if (services.length > 1) services.sort((a, b) => b.spanCount - a.spanCount || (a.service < b.service ? -1 : 1));
  const row: StoredTrace['row'] = {
    id: trace.root,
    service: serviceOf(root),
    protocol: root.protocol,
    ...(root.method !== undefined && { method: root.method }),
    ...(root.endpoint !== undefined && { endpoint: root.endpoint }),
    ...(root.resource !== undefined && { resource: root.resource }),
    status: root.status,
    ...(root.statusCode !== undefined && { statusCode: String(root.statusCode) }),
    hasError: failed,
    incomplete,
    durationNs: Math.max(0, trace.end - trace.start),
    spanCount: trace.spans.length,
    services,
  };
  return {
    row,
    startNs: origin + BigInt(trace.start),
    protocols,
    search: searchText(root, trace.spans, row),
  };
}

/** The root's own resource stands first, so that it is never cut off. */
function searchText(root: Span, spans: readonly Span[], { services }: StoredTrace['row']): string {
  const words = new Set<string | undefined>([root.resource, root.domain, root.method]);
  for (const { service } of services) words.add(service);
  for (const span of spans) {
    words.add(span.endpoint).add(span.xRequestIdRequest).add(span.xRequestIdResponse);
    for (const id of span.traceIds) words.add(id);
  }
  words.delete(undefined);
  return [...words].join('\n').slice(0, MAX_SEARCH_LENGTH).toLowerCase();
}
