'use client';
import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { Skeleton } from '../../ui/skeleton';
import { CaptureStateMark } from '../captures/capture-state';
import { RequestError } from '../data/api-client';
import { capturePath, isGrowing, useCapture, useTraces } from '../data/queries';
import { AppHeader } from '../shell/app-header';
import { FullPageMessage } from '../shell/full-page-message';
import styles from './capture-page.module.css';
import { CaptureSidebar } from './capture-sidebar';
import { CoverageStrip } from './coverage-strip';
import { FilterBar } from './filter-bar';
import { LatencyScatter } from './latency-scatter';
import { NoTraces } from './no-traces';
import { isFiltered, queryOf, useTraceFilters } from './trace-filters';
import { TraceTable } from './trace-table';

export function CapturePage({ id }: { readonly id: string }) {
  const capture = useCapture(id);
  const [filters, setFilters] = useTraceFilters();
  const growing = capture.data !== undefined && isGrowing(capture.data.state);
  const traces = useTraces(id, queryOf(filters), growing);
  const rows = useMemo(() => traces.data?.pages.flatMap((page) => page.traces) ?? [], [traces.data]);
  const first = traces.data?.pages[0];
  const origin = originOf(capture.data?.startedAt, first?.timeOrigin);

  if (capture.error && capture.data === undefined) {
    const gone = capture.error instanceof RequestError && capture.error.status === 404;
    return (
      <FullPageMessage
        title={gone ? 'This capture is not here' : 'The capture could not be read'}
        text={capture.error.message}
        {...(!gone && { retry: () => capture.refetch() })}
      />
    );
  }
  const detail = capture.data;
  return (
    <div className={styles.page}>
      <AppHeader
        crumbs={[{ text: detail?.name ?? '…' }]}
        actions={
          detail && (
            <>
              <span className={styles.state}>
                <CaptureStateMark capture={detail} />
              </span>
              <a className={styles.download} href={`${capturePath(id)}/file`} download>
                <Download size={14} /> File
              </a>
            </>
          )
        }
      />
      <main className={styles.main}>
        <div className={styles.list}>
          {detail && <CoverageStrip capture={detail} />}
          <FilterBar
            filters={filters}
            onChange={setFilters}
            services={detail?.services ?? []}
            total={first?.total}
            loading={traces.isFetching && !traces.isFetchingNextPage && !growing}
          />
          {first && rows.length > 0 && <LatencyScatter capture={id} rows={rows} total={first.total} origin={origin} />}
          {traces.isPending && <Skeleton rows={10} />}
          {traces.error && rows.length === 0 && (
            <div className={styles.error} role="alert">
              {traces.error.message}
            </div>
          )}
          {first && rows.length === 0 && detail && (
            <NoTraces capture={detail} filtered={isFiltered(filters)} onClear={() => setFilters(null)} />
          )}
          {rows.length > 0 && (
            <TraceTable
              capture={id}
              rows={rows}
              origin={origin}
              sort={filters.sort}
              onSort={(sort) => setFilters({ sort })}
              hasMore={traces.hasNextPage}
              loadMore={() => !traces.isFetchingNextPage && traces.fetchNextPage()}
            />
          )}
        </div>
        {detail && (
          <CaptureSidebar capture={detail} service={filters.service} onService={(service) => setFilters({ service })} />
        )}
      </main>
    </div>
  );
}

/** The capture's first event on the list's clock, so that starts can be shown as offsets from it. */
function originOf(startedAt: string | undefined, timeOrigin: string | undefined): number {
  if (startedAt === undefined || timeOrigin === undefined) return 0;
  return Number(BigInt(startedAt) - BigInt(timeOrigin));
}
