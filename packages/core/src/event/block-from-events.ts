import type { HostId } from '../base/brand';
import type { CaptureEvent, EventBlock, SocketInfo, ThreadInfo } from './event-block';
import { NONE } from './event-block';

/** Puts events into the columns of a block, for sources that make them one by one: packets, tests. The first one's ordinal counts on. */
export function blockFromEvents(hostId: HostId, events: readonly CaptureEvent[]): EventBlock {
  const sockets: SocketInfo[] = [];
  const threads: ThreadInfo[] = [];
  const socketIndex = new Map<SocketInfo, number>();
  const threadIndex = new Map<ThreadInfo, number>();
  const payloads = events.map(({ payload }) => payload);
  const column = <T extends { [index: number]: number }>(array: T, value: (event: CaptureEvent) => number): T => {
    for (const [row, event] of events.entries()) array[row] = value(event);
    return array;
  };
  const { length: count } = events;
  return {
    hostId,
    count,
    firstOrdinal: events[0]?.ordinal ?? 0,
    timeShift: 0,
    kind: column(new Uint8Array(count), (event) => event.kind),
    enter: column(new Float64Array(count), (event) => event.enter),
    exit: column(new Float64Array(count), (event) => event.exit),
    abi: column(new Uint8Array(count), (event) => event.abi),
    direction: column(new Uint8Array(count), (event) => event.direction),
    flags: column(new Uint16Array(count), (event) => event.flags),
    thread: column(new Uint32Array(count), (event) => place(event.thread, threads, threadIndex)),
    socket: column(new Uint32Array(count), ({ socket }) => (socket ? place(socket, sockets, socketIndex) : NONE)),
    fd: column(new Int32Array(count), (event) => event.fd),
    result: column(new Float64Array(count), (event) => event.result),
    tcpSeqEnter: column(new Uint32Array(count), (event) => event.tcpSeqEnter ?? 0),
    tcpSeqExit: column(new Uint32Array(count), (event) => event.tcpSeqExit ?? 0),
    rtt: column(new Uint32Array(count), (event) => event.rtt ?? 0),
    loopTurn: column(new Uint8Array(count), (event) => event.loopTurn ?? 0),
    detail: column(new Uint32Array(count), (event) => event.detail),
    sockets,
    threads,
    strings: [],
    payload: (row) => payloads[row]!,
  };
}

function place<T>(value: T, list: T[], index: Map<T, number>): number {
  let at = index.get(value);
  if (at === undefined) {
    at = list.push(value) - 1;
    index.set(value, at);
  }
  return at;
}
