import { useEffect, useMemo, useRef, useState } from 'react';
import type { Place } from '../../data/place';
import { useRelatedSpans } from '../../data/queries';
import { buildTraceModel, type TraceModel } from '../trace-model';
import type { LabAnswer, LabQuestion } from './lab-assembly';
import type { FromLab, ToLab } from './lab-worker';

export interface LabResult {
  /** The trace as it would be; absent until the first answer. */
  readonly model: TraceModel | undefined;
  readonly answer: LabAnswer | undefined;
  readonly pending: boolean;
  /** A sentence when it cannot be assembled here. */
  readonly problem: string | undefined;
  /** Related spans that are too many to be looked at. */
  readonly omitted: number;
}

/** The trace of a page assembled by other rules and tolerances; `question` undefined = as it came from the server. */
export function useLab(
  place: Place,
  span: string,
  model: TraceModel,
  question: LabQuestion | undefined,
): LabResult | undefined {
  const related = useRelatedSpans(place, span, question !== undefined);
  const [worker, setWorker] = useState<Worker>();
  const [answer, setAnswer] = useState<LabAnswer>();
  const [failure, setFailure] = useState<string>();
  const [pending, setPending] = useState(false);
  const asked = useRef(0);

  const spans = related.data;
  useEffect(() => {
    if (spans === undefined) return;
    const opened = new Worker(new URL('./lab-worker.ts', import.meta.url), { type: 'module' });
    opened.onmessage = ({ data }: MessageEvent<FromLab>) => {
      if (data.number !== asked.current) return;
      setAnswer(data.answer);
      setPending(false);
    };
    opened.onerror = (event) => setFailure(`The trace could not be assembled here: ${event.message || 'unknown'}.`);
    tell(opened, { kind: 'open', related: spans });
    setWorker(opened);
    return () => opened.terminate();
  }, [spans]);

  // The same question in another object is not asked again.
  const text = question === undefined ? undefined : JSON.stringify(question);
  useEffect(() => {
    if (worker === undefined || text === undefined) return;
    asked.current += 1;
    setPending(true);
    tell(worker, { kind: 'ask', number: asked.current, question: JSON.parse(text) as LabQuestion });
  }, [worker, text]);

  const shown = useMemo(() => {
    if (answer === undefined) return undefined;
    const outside = [...model.view.outside, ...answer.view.outside];
    return buildTraceModel({ ...model.view, ...answer.view, outside });
  }, [answer, model]);
  if (question === undefined) return undefined;
  return {
    model: shown,
    answer,
    pending: pending || related.isPending,
    problem: failure ?? related.error?.message,
    omitted: spans?.omitted ?? 0,
  };
}

function tell(worker: Worker, message: ToLab): void {
  worker.postMessage(message);
}
