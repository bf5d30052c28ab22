import type { CaptureEvent, SpanId, SysSpan, TimeOrigin } from '@causeway/core';
import { Direction, SyscallAbi } from '@causeway/core';
import { type EventFrames, listEventFrames, readEvents } from '@causeway/replay/node';
import type { RawEvent, SpanEvents } from '../../api/contract';
import type { Capture } from '../database/generated/client';
import { notFound } from '../http/failure';
import type { Route } from '../http/router';
import { spanSources } from '../store/span-sources';
import { createSpanStore } from '../store/span-store';
import { requireCapture } from './captures';
import type { Services } from './services';

/** Captures whose list of event blocks is kept in memory. */
const KEPT_LISTS = 16;

const SYSCALL_NAMES = new Map<number, string>(Object.entries(SyscallAbi).map(([name, number]) => [number, name]));

/** The raw events of a span of a capture, their times counted from `origin` (default: the capture's own). */
export type EventReader = (row: Capture, span: SpanId, origin?: bigint) => Promise<SpanEvents>;

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
    const span = await createSpanStore(services.database.sql, spanSources([row])).get(id);
    if (span === undefined) throw notFound('span');
    const own = row.timeOrigin ?? 0n;
    const timeOrigin = (origin ?? own).toString();
    // Only system calls leave events behind.
    if (span.type !== 'sys') return { timeOrigin, events: [], omitted: 0 };
    const path = services.data.resolve(row.filePath);
    const found = await readEvents(path, [...span.requestEvents, ...span.responseEvents], await frames(row, span));
    const requests = new Set(span.requestEvents);
    const shift = Number(own - (origin ?? own));
    return {
      timeOrigin,
      events: found.map((event) => rawEvent(event, requests.has(event.ordinal) ? 'request' : 'response', shift)),
      omitted: span.requestEvents.length + span.responseEvents.length - found.length,
    };
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

function rawEvent(event: CaptureEvent, half: RawEvent['half'], shift: number): RawEvent {
  return {
    ordinal: event.ordinal,
    half,
    syscall: SYSCALL_NAMES.get(event.abi) ?? 'none',
    direction: event.direction === Direction.ingress ? 'ingress' : 'egress',
    enter: event.enter + shift,
    exit: event.exit + shift,
    pid: event.thread.pid,
    tid: event.thread.tid,
    comm: event.thread.comm,
    fd: event.fd,
    result: event.result,
    ...(event.tcpSeqEnter !== undefined && { tcpSeqEnter: event.tcpSeqEnter }),
    ...(event.tcpSeqExit !== undefined && { tcpSeqExit: event.tcpSeqExit }),
    ...(event.rtt !== undefined && { rttMicros: event.rtt }),
    payload: Buffer.from(event.payload).toString('base64'),
  };
}
