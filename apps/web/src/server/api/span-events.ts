import type { CaptureEvent, SpanId, SysSpan, TimeOrigin } from '@causeway/core';
import { Direction, SyscallAbi } from '@causeway/core';
import { type EventFrames, listEventFrames, readEvents } from '@causeway/replay/node';
import type { RawEvent, SpanEvents } from '../../api/contract';
import type { Capture } from '../database/generated/client';
import { notFound } from '../http/failure';
import type { Route } from '../http/router';
import { createSpanStore } from '../store/span-store';
import { requireCapture } from './captures';
import type { Services } from './services';

/** Captures whose list of event blocks is kept in memory. */
const KEPT_LISTS = 16;

const SYSCALL_NAMES = new Map<number, string>(Object.entries(SyscallAbi).map(([name, number]) => [number, name]));

export function spanEventRoutes(services: Services): readonly Route[] {
  const frames = createFrameLists(services);
  return [
    {
      method: 'GET',
      pattern: '/api/captures/:capture/spans/:span/events',
      async handle({ id, param }): Promise<SpanEvents> {
        const row = await requireCapture(services, id('capture'));
        const span = await createSpanStore(services.database.sql, row.id).get(param('span') as SpanId);
        if (span === undefined) throw notFound('span');
        const timeOrigin = (row.timeOrigin ?? 0n).toString();
        // Only system calls leave events behind.
        if (span.type !== 'sys') return { timeOrigin, events: [], omitted: 0 };
        const path = services.data.resolve(row.filePath);
        const events = await readEvents(path, [...span.requestEvents, ...span.responseEvents], await frames(row, span));
        const requests = new Set(span.requestEvents);
        return {
          timeOrigin,
          events: events.map((event) => rawEvent(event, requests.has(event.ordinal) ? 'request' : 'response')),
          omitted: span.requestEvents.length + span.responseEvents.length - events.length,
        };
      },
    },
  ];
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

function rawEvent(event: CaptureEvent, half: RawEvent['half']): RawEvent {
  return {
    ordinal: event.ordinal,
    half,
    syscall: SYSCALL_NAMES.get(event.abi) ?? 'none',
    direction: event.direction === Direction.ingress ? 'ingress' : 'egress',
    enter: event.enter,
    exit: event.exit,
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
