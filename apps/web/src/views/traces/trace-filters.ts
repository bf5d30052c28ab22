import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import type { TraceQuery } from '../../api/contract';
import { parseDuration } from '../format/duration';

const STATUSES = ['ok', 'error', 'incomplete'] as const;
const SORTS = ['start', '-start', 'duration', '-duration', 'spans', '-spans'] as const;
export type TraceSort = (typeof SORTS)[number];

/** The list's filters stand in the address, so that a list can be sent to somebody. */
export function useTraceFilters() {
  return useQueryStates(
    {
      q: parseAsString,
      service: parseAsString,
      protocol: parseAsString,
      status: parseAsStringLiteral(STATUSES),
      min: parseAsString,
      sort: parseAsStringLiteral(SORTS).withDefault('-start'),
    },
    { history: 'replace' },
  );
}

export type TraceFilters = ReturnType<typeof useTraceFilters>[0];
export type SetTraceFilters = ReturnType<typeof useTraceFilters>[1];

/** The question for the server; what is not set, or not readable, is left out. */
export function queryOf(filters: TraceFilters): TraceQuery {
  const minDurationNs = filters.min === null ? undefined : parseDuration(filters.min);
  return {
    sort: filters.sort,
    ...(filters.q && { q: filters.q }),
    ...(filters.service && { service: filters.service }),
    ...(filters.protocol && { protocol: filters.protocol }),
    ...(filters.status && { status: filters.status }),
    ...(minDurationNs !== undefined && minDurationNs > 0 && { minDurationNs }),
  };
}

export function isFiltered(filters: TraceFilters): boolean {
  const { sort: _, ...rest } = queryOf(filters);
  return Object.keys(rest).length > 0;
}
