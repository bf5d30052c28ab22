import { type CaptureEvent, Direction, type Span, SyscallAbi, type SysSpan, type TimeOrigin } from '@causeway/core';
import type { RawEvent, SpanEvents } from '../api/contract';

const SYSCALL_NAMES = new Map<number, string>(Object.entries(SyscallAbi).map(([name, number]) => [number, name]));
/** `String.fromCharCode` takes its arguments from the stack. */
const CHARACTERS_AT_ONCE = 8_192;

/** Finds a span's events in its capture. */
export type ReadSpanEvents = (span: SysSpan) => Promise<readonly CaptureEvent[]>;

/**
 * The raw events of a span. `own`: the time origin of its capture, which the times of what `read` finds are relative to;
 * `timeOrigin`: the one of the answer.
 */
export async function viewSpanEvents(
  span: Span,
  own: TimeOrigin,
  timeOrigin: TimeOrigin,
  read: ReadSpanEvents,
): Promise<SpanEvents> {
  // Only system calls leave events behind.
  if (span.type !== 'sys') return { timeOrigin: timeOrigin.toString(), events: [], omitted: 0 };
  const found = await read(span);
  const requests = new Set(span.requestEvents);
  const shift = Number(own - timeOrigin);
  return {
    timeOrigin: timeOrigin.toString(),
    events: found.map((event) => rawEvent(event, requests.has(event.ordinal) ? 'request' : 'response', shift)),
    omitted: span.requestEvents.length + span.responseEvents.length - found.length,
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
    payload: base64(event.payload),
  };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE)
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_AT_ONCE));
  return btoa(text);
}
