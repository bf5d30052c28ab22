'use client';
import { useCallback, useMemo } from 'react';
import { Skeleton } from '../../ui/skeleton';
import { type Place, placeHref } from '../data/place';
import { useTrace } from '../data/queries';
import { RequestError } from '../data/request-error';
import { usePlace } from '../data/workspace-queries';
import { AppHeader } from '../shell/app-header';
import { FullPageMessage } from '../shell/full-page-message';
import { buildTraceModel, requestOf } from './trace-model';
import styles from './trace-page.module.css';
import { TraceWorkbench } from './trace-workbench';

interface TracePageProps {
  readonly place: Place;
  readonly span: string;
}

export function TracePage({ place, span }: TracePageProps) {
  const { name } = usePlace(place);
  const trace = useTrace(place, span);
  const model = useMemo(() => (trace.data === undefined ? undefined : buildTraceModel(trace.data)), [trace.data]);
  const again = useCallback(() => trace.refetch(), [trace]);
  if (trace.error && model === undefined) {
    const gone = trace.error instanceof RequestError && trace.error.status === 404;
    return (
      <FullPageMessage
        title={gone ? 'This trace is not here' : 'The trace could not be read'}
        text={trace.error.message}
        {...(!gone && { retry: again })}
      />
    );
  }
  const root = model?.nodes[0]?.span;
  return (
    <div className={styles.page}>
      <AppHeader
        crumbs={[{ text: name ?? '…', href: placeHref(place) }, { text: root === undefined ? '…' : requestOf(root) }]}
      />
      {model === undefined ? (
        <Skeleton rows={8} height={28} />
      ) : (
        <TraceWorkbench place={place} span={span} model={model} />
      )}
    </div>
  );
}
