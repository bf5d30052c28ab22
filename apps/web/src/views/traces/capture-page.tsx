'use client';
import { Download } from 'lucide-react';
import { CaptureStateMark } from '../captures/capture-state';
import { type Place, placeApi } from '../data/place';
import { isGrowing, useCapture } from '../data/queries';
import { RequestError } from '../data/request-error';
import { AppHeader } from '../shell/app-header';
import { FullPageMessage } from '../shell/full-page-message';
import styles from './capture-page.module.css';
import { CaptureSidebar } from './capture-sidebar';
import { CoverageStrip } from './coverage-strip';
import { NoTraces } from './no-traces';
import { TraceBrowser } from './trace-browser';
import { useTraceFilters } from './trace-filters';

export function CapturePage({ place }: { readonly place: Place }) {
  const capture = useCapture(place);
  const [filters, setFilters] = useTraceFilters();
  const growing = capture.data !== undefined && isGrowing(capture.data.state);

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
              {!place.isPrivate && (
                <a className={styles.download} href={`${placeApi(place)}/file`} download>
                  <Download size={14} /> File
                </a>
              )}
            </>
          )
        }
      />
      <main className={styles.main}>
        <TraceBrowser
          place={place}
          services={detail?.services ?? []}
          growing={growing}
          startedAt={detail?.startedAt}
          head={detail && <CoverageStrip capture={detail} />}
          empty={(filtered, onClear) => detail && <NoTraces capture={detail} filtered={filtered} onClear={onClear} />}
        />
        {detail && (
          <CaptureSidebar capture={detail} service={filters.service} onService={(service) => setFilters({ service })} />
        )}
      </main>
    </div>
  );
}
