import { type ReactNode, useMemo } from 'react';
import type { ServiceSummary } from '../../api/contract';
import { Skeleton } from '../../ui/skeleton';
import type { Place } from '../data/place';
import { useTraces } from '../data/queries';
import { FilterBar } from './filter-bar';
import { LatencyScatter } from './latency-scatter';
import styles from './trace-browser.module.css';
import { isFiltered, queryOf, useTraceFilters } from './trace-filters';
import { TraceTable } from './trace-table';

interface TraceBrowserProps {
  readonly place: Place;
  readonly services: readonly ServiceSummary[];
  /** Its traces change by themselves. */
  readonly growing: boolean;
  /** Whenever it changes, the list is asked for anew. */
  readonly version?: string;
  /** Starts are shown as offsets from here: nanoseconds since the epoch; default: the first start that is listed. */
  readonly startedAt: string | undefined;
  /** Stands above the filters. */
  readonly head?: ReactNode;
  /** What to say when there is nothing to list. */
  empty(filtered: boolean, onClear: () => void): ReactNode;
}

/** Filters, latencies and list of the traces of a place. */
export function TraceBrowser({ place, services, growing, version, startedAt, head, empty }: TraceBrowserProps) {
  const [filters, setFilters] = useTraceFilters();
  const traces = useTraces(place, queryOf(filters), growing, version);
  const rows = useMemo(() => traces.data?.pages.flatMap((page) => page.traces) ?? [], [traces.data]);
  const first = traces.data?.pages[0];
  const origin = originOf(startedAt, first?.timeOrigin) ?? Math.min(...rows.map((row) => row.start));
  return (
    <div className={styles.list}>
      {head}
      <FilterBar
        filters={filters}
        onChange={setFilters}
        services={services}
        total={first?.total}
        loading={traces.isFetching && !traces.isFetchingNextPage && !growing}
      />
      {first && rows.length > 0 && <LatencyScatter place={place} rows={rows} total={first.total} origin={origin} />}
      {traces.isPending && <Skeleton rows={10} />}
      {traces.error && rows.length === 0 && (
        <div className={styles.error} role="alert">
          {traces.error.message}
        </div>
      )}
      {first && rows.length === 0 && empty(isFiltered(filters), () => setFilters(null))}
      {rows.length > 0 && (
        <TraceTable
          place={place}
          rows={rows}
          origin={origin}
          sort={filters.sort}
          onSort={(sort) => setFilters({ sort })}
          hasMore={traces.hasNextPage}
          loadMore={() => !traces.isFetchingNextPage && traces.fetchNextPage()}
        />
      )}
    </div>
  );
}

/** The first event on the list's clock. */
function originOf(startedAt: string | undefined, timeOrigin: string | undefined): number | undefined {
  if (startedAt === undefined || timeOrigin === undefined) return undefined;
  return Number(BigInt(startedAt) - BigInt(timeOrigin));
}
