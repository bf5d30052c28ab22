import type { TimeOrigin } from '@causeway/core';
import type { StoredTrace } from '../answers/stored-trace';
import { type CheckedTraceQuery, cursorOf, encodeCursor, sortOf, type TraceCursor } from '../answers/trace-query';
import type { TraceList } from '../api/contract';

const VALUE = {
  start: ({ startNs }: StoredTrace) => startNs,
  duration: ({ row }: StoredTrace) => BigInt(row.durationNs),
  spans: ({ row }: StoredTrace) => BigInt(row.spanCount),
} as const;

/** A page of the traces that fit, as the server's `queryTraces` gives it. @throws ApiFailure 400 */
export function searchTraces(
  traces: readonly StoredTrace[],
  timeOrigin: TimeOrigin,
  query: CheckedTraceQuery,
): TraceList {
  const { by, descending } = sortOf(query);
  const cursor = cursorOf(query);
  const placed = traces
    .filter((trace) => fits(trace, query))
    .map((trace) => ({ trace, at: { value: VALUE[by](trace), id: trace.row.id } }));
  const order = (a: TraceCursor, b: TraceCursor): number => (descending ? -compare(a, b) : compare(a, b));
  placed.sort((a, b) => order(a.at, b.at));
  const behind = cursor === undefined ? placed : placed.filter(({ at }) => order(at, cursor) > 0);
  const page = behind.slice(0, query.limit);
  const last = page.at(-1);
  return {
    timeOrigin: timeOrigin.toString(),
    traces: page.map(({ trace: { row, startNs } }) => ({ ...row, start: Number(startNs - timeOrigin) })),
    total: placed.length,
    ...(behind.length > page.length && last !== undefined && { nextCursor: encodeCursor(query.sort, last.at) }),
  };
}

function fits({ row, protocols, search }: StoredTrace, query: CheckedTraceQuery): boolean {
  const text = query.q?.trim().toLowerCase();
  if (text && !search.includes(text)) return false;
  if (query.service !== undefined && !row.services.some(({ service }) => service === query.service)) return false;
  if (query.protocol !== undefined && !protocols.has(query.protocol)) return false;
  if (query.status === 'ok' && (row.hasError || row.incomplete)) return false;
  if (query.status === 'error' && !row.hasError) return false;
  if (query.status === 'incomplete' && !row.incomplete) return false;
  if (query.minDurationNs !== undefined && row.durationNs < query.minDurationNs) return false;
  if (query.maxDurationNs !== undefined && row.durationNs > query.maxDurationNs) return false;
  return query.minSpans === undefined || row.spanCount >= query.minSpans;
}

function compare(a: TraceCursor, b: TraceCursor): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
