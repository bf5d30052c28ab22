import type { AssembledTrace, Span, TimeOrigin } from '@causeway/core';
import type { TraceRow } from '../../api/contract';
import { copyBoolean, copyJson, copyRow, copyText, copyTexts } from './copy-text';
import { hasError, serviceOf } from './span-rows';

/** Longest text the search box looks through, a trace. */
const MAX_SEARCH_LENGTH = 4_000;

/** A row of `trace`: what the list filters and sorts by, and what it shows. */
export interface StoredTrace {
  readonly rootId: string;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly spanCount: number;
  readonly service: string;
  readonly protocol: string;
  readonly hasError: boolean;
  readonly incomplete: boolean;
  readonly services: readonly string[];
  readonly protocols: readonly string[];
  readonly search: string;
  readonly body: Omit<TraceRow, 'start'>;
}

export const TRACE_COLUMNS =
  'root_id, start_ns, duration_ns, span_count, service, protocol, has_error, incomplete, services, protocols, search, body';

/** Sums a trace up. @throws when the trace lacks its own root. */
export function storedTrace(trace: AssembledTrace, origin: TimeOrigin): StoredTrace {
  const root = trace.spans.find((span) => span.id === trace.root);
  if (root === undefined) throw new Error(`trace ${trace.id} lacks its root`);
  const services = countServices(trace.spans);
  const summary = {
    service: serviceOf(root),
    protocol: root.protocol,
    hasError: trace.spans.some(hasError),
    incomplete: trace.spans.some((span) => span.incomplete !== undefined),
    durationNs: Math.max(0, trace.end - trace.start),
    spanCount: trace.spans.length,
  };
  return {
    ...summary,
    rootId: trace.root,
    startNs: origin + BigInt(trace.start),
    services: services.map(({ service }) => service),
    protocols: [...new Set(trace.spans.map((span) => span.protocol))],
    search: searchText(root, trace.spans),
    body: {
      ...summary,
      id: trace.root,
      ...(root.method !== undefined && { method: root.method }),
      ...(root.endpoint !== undefined && { endpoint: root.endpoint }),
      ...(root.resource !== undefined && { resource: root.resource }),
      status: root.status,
      ...(root.statusCode !== undefined && { statusCode: String(root.statusCode) }),
      services,
    },
  };
}

export function traceCopyRow(trace: StoredTrace): string {
  return copyRow([
    copyText(trace.rootId),
    trace.startNs,
    trace.durationNs,
    trace.spanCount,
    copyText(trace.service),
    trace.protocol,
    copyBoolean(trace.hasError),
    copyBoolean(trace.incomplete),
    copyTexts(trace.services),
    copyTexts(trace.protocols),
    copyText(trace.search),
    copyJson(trace.body),
  ]);
}

function countServices(spans: readonly Span[]): { service: string; spanCount: number }[] {
  const counts = new Map<string, number>();
  for (const span of spans) counts.set(serviceOf(span), (counts.get(serviceOf(span)) ?? 0) + 1);
  return [...counts]
    .map(([service, spanCount]) => ({ service, spanCount }))
    .sort((a, b) => b.spanCount - a.spanCount || (a.service < b.service ? -1 : 1));
}

function searchText(root: Span, spans: readonly Span[]): string {
  const words = new Set<string>();
  for (const span of [root, ...spans]) {
    for (const word of [span.endpoint, span.method, serviceOf(span), span.xRequestIdRequest, span.xRequestIdResponse]) {
      if (word !== undefined) words.add(word);
    }
    for (const id of span.traceIds) words.add(id);
  }
  // The root's own resource stands first, so that it is never cut off.
  return [root.resource ?? '', root.domain ?? '', ...words].join('\n').slice(0, MAX_SEARCH_LENGTH).toLowerCase();
}
