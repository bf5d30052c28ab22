import type { AssembledTrace, Span, TimeOrigin } from '@causeway/core';
import type { TraceRow } from '../../api/contract';
import { copyBoolean, copyJson, copyRow, copyText, copyTexts } from './copy-text';
import { hasError, serviceOf } from './span-rows';

/** Longest text the search box looks through, a trace. */
const MAX_SEARCH_LENGTH = 4_000;

/** A row of `trace`: what the list filters and sorts by, and what it shows. */
export interface StoredTrace {
  /** As the list shows it, but for the start. */
  readonly body: Omit<TraceRow, 'start'>;
  readonly startNs: bigint;
  /** Of all its spans, for filters. */
  readonly services: readonly string[];
  readonly protocols: readonly string[];
  /** Lower-case text that the search box looks in. */
  readonly search: string;
}

export const TRACE_COLUMNS =
  'root_id, start_ns, duration_ns, span_count, service, protocol, has_error, incomplete, services, protocols, search, body';

/** Sums a trace up. @throws when the trace lacks its own root. */
export function storedTrace(trace: AssembledTrace, origin: TimeOrigin): StoredTrace {
  const root = trace.spans.find((span) => span.id === trace.root);
  if (root === undefined) throw new Error(`trace ${trace.id} lacks its root`);
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
  const body: StoredTrace['body'] = {
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
    body,
    startNs: origin + BigInt(trace.start),
    services: services.map(({ service }) => service),
    protocols: [...protocols],
    search: searchText(root, trace.spans, body),
  };
}

export function traceCopyRow({ body, startNs, services, protocols, search }: StoredTrace): string {
  return copyRow([
    copyText(body.id),
    startNs,
    body.durationNs,
    body.spanCount,
    copyText(body.service),
    body.protocol,
    copyBoolean(body.hasError),
    copyBoolean(body.incomplete),
    copyTexts(services),
    copyTexts(protocols),
    copyText(search),
    copyJson(body),
  ]);
}

/** The root's own resource stands first, so that it is never cut off. */
function searchText(root: Span, spans: readonly Span[], { services }: StoredTrace['body']): string {
  const words = new Set<string | undefined>([root.resource, root.domain, root.method]);
  for (const { service } of services) words.add(service);
  for (const span of spans) {
    words.add(span.endpoint).add(span.xRequestIdRequest).add(span.xRequestIdResponse);
    for (const id of span.traceIds) words.add(id);
  }
  words.delete(undefined);
  return [...words].join('\n').slice(0, MAX_SEARCH_LENGTH).toLowerCase();
}
