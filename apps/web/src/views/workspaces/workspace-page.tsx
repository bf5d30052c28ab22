'use client';
import type { Place } from '../data/place';
import { RequestError } from '../data/request-error';
import { isAssembling, useWorkspace } from '../data/workspace-queries';
import { formatPlural } from '../format/quantity';
import { AppHeader } from '../shell/app-header';
import { FullPageMessage } from '../shell/full-page-message';
import { clockSentence } from '../trace/timeline/clock-words';
import { TraceBrowser } from '../traces/trace-browser';
import styles from './workspace-page.module.css';
import { WorkspaceSidebar } from './workspace-sidebar';

/** The traces of several captures, assembled together. */
export function WorkspacePage({ place }: { readonly place: Place }) {
  const workspace = useWorkspace(place);
  const detail = workspace.data;
  if (workspace.error && detail === undefined) {
    const gone = workspace.error instanceof RequestError && workspace.error.status === 404;
    return (
      <FullPageMessage
        title={gone ? 'This workspace is not here' : 'The workspace could not be read'}
        text={workspace.error.message}
        {...(!gone && { retry: () => workspace.refetch() })}
      />
    );
  }
  return (
    <div className={styles.page}>
      <AppHeader
        crumbs={[{ text: detail?.name ?? '…' }]}
        actions={detail && <span className={styles.state}>{stateWords(detail.state, detail.captures.length)}</span>}
      />
      <main className={styles.main}>
        {detail && (
          <>
            <TraceBrowser
              place={place}
              services={detail.services}
              growing={isAssembling(detail.state)}
              version={`${detail.traceCount} ${detail.spanCount}`}
              startedAt={undefined}
              empty={(filtered) => (
                <p className={styles.empty}>
                  {filtered
                    ? 'No trace fits these filters.'
                    : (detail.problem ?? 'No traces yet. They appear once the captures are assembled.')}
                </p>
              )}
            />
            <WorkspaceSidebar
              place={place}
              workspace={detail}
              clocks={detail.clocks.map((clock) => clockSentence(clock, detail.hostNames))}
            />
          </>
        )}
      </main>
    </div>
  );
}

function stateWords(state: 'queued' | 'assembling' | 'ready' | 'failed', captures: number): string {
  if (state === 'failed') return 'Could not be assembled';
  const of = formatPlural(captures, 'capture');
  return isAssembling(state) ? `Assembling ${of} …` : `${of} together`;
}
