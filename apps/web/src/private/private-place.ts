import { createSpanIndex, type SpanId, type TimeOrigin } from '@causeway/core';
import { assembleTogether } from '../answers/assemble-together';
import { captureDetail } from '../answers/capture-details';
import { summariseServices } from '../answers/service-summary';
import { viewSpanEvents } from '../answers/span-events';
import { adoptSpan, spanSources } from '../answers/span-sources';
import { type StoredTrace, storedTrace } from '../answers/stored-trace';
import type { TracePlace } from '../answers/trace-views';
import { type WorkspaceRecord, workspaceDetail } from '../answers/workspace-details';
import type { CaptureDetail, SpanEvents, WorkspaceDetail } from '../api/contract';
import { notFound } from '../api/failure';
import { identityOfAll } from './file-identity';
import { memoryStore } from './memory-store';
import type { OpenCapture } from './open-capture';

/** A capture, or several that are read together: all that its pages ask for. */
export interface PrivatePlace {
  readonly detail: CaptureDetail | WorkspaceDetail;
  readonly traces: readonly StoredTrace[];
  readonly timeOrigin: TimeOrigin;
  readonly view: TracePlace;
  /** @throws ApiFailure 404 when there is no such span */
  events(span: SpanId): Promise<SpanEvents>;
}

export function capturePlace(capture: OpenCapture): PrivatePlace {
  const { record, index, traces } = capture;
  const sources = spanSources([record]);
  const store = memoryStore(index, (id) => (index.get(id) === undefined ? undefined : record.id));
  return place([capture], {
    detail: captureDetail(record),
    traces,
    timeOrigin: sources.timeOrigin,
    view: { id: record.id, captures: [record], sources, store },
  });
}

/** Assembles captures together, as the server does those of a workspace. */
export function workspacePlace(chosen: readonly OpenCapture[]): PrivatePlace {
  const captures = chosen.toSorted((a, b) => (a.record.id < b.record.id ? -1 : 1));
  const records = captures.map(({ record }) => record);
  const sources = spanSources(records);
  const index = createSpanIndex();
  for (const source of sources.sources) {
    const capture = captures.find(({ record }) => record.id === source.captureId)!;
    index.add(Array.from(capture.index.all(), (span) => adoptSpan(span, source, sources.hosts)));
  }
  const { hostClocks, traces: assembled } = assembleTogether(index);
  const traces = Array.from(assembled, (trace) => storedTrace(trace, sources.timeOrigin));
  const record: WorkspaceRecord = {
    id: identityOfAll(records.map(({ id }) => id)),
    name: chosen.map(({ record }) => record.name).join(' + '),
    state: 'ready',
    problem: undefined,
    captures: records,
    hostClocks,
    services: summariseServices(index.all()),
    spanCount: index.size,
    traceCount: traces.length,
    errorTraceCount: traces.filter(({ row }) => row.hasError).length,
    createdAt: new Date().toISOString(),
  };
  const captureOf = (id: SpanId) => captures.find((each) => each.index.get(id) !== undefined)?.record.id;
  return place(captures, {
    detail: workspaceDetail(record),
    traces,
    timeOrigin: sources.timeOrigin,
    view: { id: record.id, captures: records, sources, store: memoryStore(index, captureOf), hostClocks },
  });
}

function place(captures: readonly OpenCapture[], known: Omit<PrivatePlace, 'events'>): PrivatePlace {
  return {
    ...known,
    async events(id) {
      const capture = captures.find(({ record }) => record.id === known.view.store.captureOf(id));
      // As its own capture has it: its times are moved once, below.
      const span = capture?.index.get(id);
      if (capture === undefined || span === undefined) throw notFound('span');
      const own = capture.record.timeOrigin ?? known.timeOrigin;
      return viewSpanEvents(span, own, known.timeOrigin, capture.readEvents);
    },
  };
}
