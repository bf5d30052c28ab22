import { EventKind, NONE } from '@causeway/core';
import { EVENT_COLUMNS, MAX_BLOCK_EVENTS, type RawEventBlock, StoredRole } from '@causeway/replay';
import { RAW_EVENT_BYTES, RawEvent, RawEvents } from './raw-event';
import type { SocketRegistry, SocketTuple } from './socket-registry';
import { socketTable, type ThreadEntry, threadTable } from './block-tables';

/** A block is closed when it holds this many events, or this much payload. */
const FULL_EVENTS = Math.min(8192, MAX_BLOCK_EVENTS);
const FULL_PAYLOAD_BYTES = 4 * 1024 * 1024;
const NO_FAMILY = 0;
const TWO_32 = 0x1_0000_0000;

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array } as const;

function makeColumns() {
  const { kind, flags, thread, fd, enter } = {
    kind: ARRAYS[EVENT_COLUMNS.kind],
    flags: ARRAYS[EVENT_COLUMNS.flags],
    thread: ARRAYS[EVENT_COLUMNS.thread],
    fd: ARRAYS[EVENT_COLUMNS.fd],
    enter: ARRAYS[EVENT_COLUMNS.enter],
  };
  return {
    kind: new kind(FULL_EVENTS),
    enter: new enter(FULL_EVENTS),
    exit: new Float64Array(FULL_EVENTS),
    abi: new Uint8Array(FULL_EVENTS),
    direction: new Uint8Array(FULL_EVENTS),
    flags: new flags(FULL_EVENTS),
    thread: new thread(FULL_EVENTS),
    socket: new Uint32Array(FULL_EVENTS),
    fd: new fd(FULL_EVENTS),
    result: new Float64Array(FULL_EVENTS),
    tcpSeqEnter: new Uint32Array(FULL_EVENTS),
    tcpSeqExit: new Uint32Array(FULL_EVENTS),
    rtt: new Uint32Array(FULL_EVENTS),
    detail: new Uint32Array(FULL_EVENTS),
    payloadLength: new Uint32Array(FULL_EVENTS),
  } satisfies Record<keyof typeof EVENT_COLUMNS, Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>;
}
