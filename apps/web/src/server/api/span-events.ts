import type { SpanId, SysSpan, TimeOrigin } from '@causeway/core';
import type { EventFrames } from '@causeway/replay';
import { listEventFrames, readEvents } from '@causeway/replay/node';
import { viewSpanEvents } from '../../answers/span-events';
import { spanSources } from '../../answers/span-sources';
import type { SpanEvents } from '../../api/contract';
import { notFound } from '../../api/failure';
import type { Capture } from '../database/generated/client';
import type { Route } from '../http/router';
import { captureRecord } from '../store/capture-rows';
import { createSpanStore } from '../store/span-store';
import { requireCapture } from './captures';
import type { Services } from './services';

/** Captures whose list of event blocks is kept in memory. */
const KEPT_LISTS = 16;

/** The raw events of a span of a capture, their times counted from `origin` (default: the capture's own). */
export type EventReader = (row: Capture, span: SpanId, origin?: TimeOrigin) => Promise<SpanEvents>;

export function spanEventRoutes(services: Services, events: EventReader): readonly Route[] {
  return [
    {
      method: 'GET',
      pattern: '/api/captures/:capture/spans/:span/events',
      handle: async ({ id, param }): Promise<SpanEvents> =>
        events(await requireCapture(services, id('capture')), param('span') as SpanId),
    },
  ];
}

/** @throws ApiFailure 404 when there is no such span */
export function createEventReader(services: Services): EventReader {
  const frames = createFrameLists(services);
  return async (row, id, origin) => {
    const span = await createSpanStore(services.database.sql, spanSources([captureRecord(row)])).get(id);
    if (span === undefined) throw notFound('span');
    const own = (row.timeOrigin ?? 0n) as TimeOrigin;
    const path = services.data.resolve(row.filePath);
    return viewSpanEvents(span, own, origin ?? own, async (sysSpan) =>
      readEvents(path, [...sysSpan.requestEvents, ...sysSpan.responseEvents], await frames(row, sysSpan)),
    );
  };
}

/**
 * Where a capture's event blocks lie, kept from call to call. A growing file gets new blocks, so a list is made again when
 * a span's events lie beyond it.
 */
function createFrameLists({ data }: Services) {
  const kept = new Map<string, EventFrames>();
  return async (row: Capture, span: SysSpan): Promise<EventFrames> => {
    const before = kept.get(row.id);
    const last = before?.frames.at(-1);
    const known = last === undefined ? 0 : last.firstOrdinal + last.count;
    if (before !== undefined && Math.max(...span.requestEvents, ...span.responseEvents, -1) < known) return before;
    const damaged = Array.isArray(row.damage) && row.damage.length > 0;
    const made = await listEventFrames(data.resolve(row.filePath), {
      scan: damaged,
      ...(row.timeOrigin !== null && { timeOrigin: row.timeOrigin as TimeOrigin }),
    });
    kept.delete(row.id);
    kept.set(row.id, made);
    const oldest = kept.keys().next().value;
    if (kept.size > KEPT_LISTS && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}
