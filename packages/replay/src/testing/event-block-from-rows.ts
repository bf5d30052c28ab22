import {
  Direction,
  EventFlag,
  type EventKind,
  NONE,
  type SocketInfo,
  SyscallAbi,
  type ThreadInfo,
} from '@causeway/core';
import { parseAddress } from '../format/address';
import { COLUMN_BYTES, EVENT_COLUMNS, type EventColumn, SocketTransport, StoredRole } from '../format/event-columns';
import type { RawEventBlock } from '../format/payloads';

/** An event in words: what is left out is zero, none or empty. Times are monotonic nanoseconds. */
export interface EventRow {
  readonly kind: EventKind;
  readonly enter: bigint;
  /** Default: as `enter`. */
  readonly exit?: bigint;
  readonly abi?: SyscallAbi;
  /** Default: that of `abi`. */
  readonly direction?: Direction;
  /** EventFlag bits; `tcpSeq` is added when there is a TCP sequence. */
  readonly flags?: number;
  readonly thread: ThreadInfo;
  readonly socket?: SocketInfo;
  readonly fd?: number;
  /** Default: the payload's length. */
  readonly result?: number;
  readonly tcpSeqEnter?: number;
  readonly tcpSeqExit?: number;
  readonly rtt?: number;
  readonly loopTurn?: number;
  /** A text goes to the block's strings, as an exec's file name does. */
  readonly detail?: number | string;
  readonly payload?: Uint8Array | string;
}

/** A block of the stored layout from rows, 16384 at the most. Equal sockets and threads share one row of the tables. */
export function eventBlockFromRows(rows: readonly EventRow[]): RawEventBlock {
  const strings = new Table<string>((text) => text);
  const sockets = new Table<SocketInfo>((socket) => JSON.stringify(socket));
  const threads = new Table<ThreadInfo>((thread) => JSON.stringify(thread));
  const base = rows.reduce((least, row) => (row.enter < least ? row.enter : least), rows[0]?.enter ?? 0n);
  const exits = rows.map((row) => row.exit ?? row.enter);
  const payloads = rows.map((row) => (typeof row.payload === 'string' ? encoder.encode(row.payload) : row.payload));
  const values: Record<EventColumn, (row: EventRow, i: number) => number> = {
    kind: (row) => row.kind,
    enter: (row) => Number(row.enter - base),
    exit: (_, i) => Number(exits[i]! - base),
    abi: (row) => row.abi ?? SyscallAbi.none,
    direction: (row) => row.direction ?? directionOf(row.abi),
    flags: (row) => (row.flags ?? 0) | (row.tcpSeqEnter === undefined ? 0 : EventFlag.tcpSeq),
    thread: (row) => threads.index(row.thread),
    socket: (row) => (row.socket === undefined ? NONE : sockets.index(row.socket)),
    fd: (row) => row.fd ?? 0,
    result: (row, i) => row.result ?? payloads[i]?.length ?? 0,
    tcpSeqEnter: (row) => row.tcpSeqEnter ?? 0,
    tcpSeqExit: (row) => row.tcpSeqExit ?? row.tcpSeqEnter ?? 0,
    rtt: (row) => row.rtt ?? 0,
    loopTurn: (row) => row.loopTurn ?? 0,
    detail: (row) => (typeof row.detail === 'string' ? strings.index(row.detail) : (row.detail ?? 0)),
    payloadLength: (_, i) => payloads[i]?.length ?? 0,
  };
  const columns = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, column(EVENT_COLUMNS[name as EventColumn], rows.map(value))]),
  );
  return {
    count: rows.length,
    base,
    firstTime: exits.reduce((least, time) => (time < least ? time : least), exits[0] ?? 0n),
    lastTime: exits.reduce((most, time) => (time > most ? time : most), 0n),
    columns,
    sockets: socketTable(sockets.rows),
    threads: {
      pid: column(
        'u32',
        threads.rows.map((thread) => thread.pid),
      ),
      tid: column(
        'u32',
        threads.rows.map((thread) => thread.tid),
      ),
      comm: column(
        'u32',
        threads.rows.map((thread) => strings.index(thread.comm)),
      ),
    },
    strings: strings.rows,
    payload: concat(payloads.filter((payload) => payload !== undefined)),
  };
}

const encoder = new TextEncoder();

/** Rows met so far, each once. */
class Table<T> {
  readonly rows: T[] = [];
  private readonly positions = new Map<string, number>();

  constructor(private readonly identity: (row: T) => string) {}

  index(row: T): number {
    const key = this.identity(row);
    const known = this.positions.get(key);
    if (known !== undefined) return known;
    this.positions.set(key, this.rows.length);
    return this.rows.push(row) - 1;
  }
}

function directionOf(abi: SyscallAbi = SyscallAbi.none): Direction {
  if (abi === SyscallAbi.none) return Direction.none;
  return abi < SyscallAbi.write ? Direction.ingress : Direction.egress;
}

function column(type: 'u8' | 'u16' | 'u32' | 'i32' | 'f64', values: readonly number[]): Uint8Array {
  const width = COLUMN_BYTES[type];
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (type === 'u8') view.setUint8(i, value);
    else if (type === 'u16') view.setUint16(2 * i, value, true);
    else if (type === 'f64') view.setFloat64(8 * i, value, true);
    else view.setUint32(4 * i, value, true);
  });
  return bytes;
}

function socketTable(sockets: readonly SocketInfo[]): Record<string, Uint8Array> {
  const ids = new Uint8Array(8 * sockets.length);
  sockets.forEach((socket, i) => {
    new DataView(ids.buffer).setBigUint64(8 * i, BigInt(`0x${socket.id}`), true);
  });
  const local = sockets.map((socket) => address(socket.local.address));
  const remote = sockets.map((socket) => address(socket.remote.address));
  return {
    id: ids,
    inode: column(
      'u32',
      sockets.map((socket) => socket.inode),
    ),
    netns: column(
      'u32',
      sockets.map((socket) => socket.netns),
    ),
    family: column(
      'u8',
      local.map(({ family }) => family),
    ),
    transport: column(
      'u8',
      sockets.map((socket) => SocketTransport[socket.transport]),
    ),
    role: column(
      'u8',
      sockets.map((socket) => StoredRole[socket.role]),
    ),
    preexisting: column(
      'u8',
      sockets.map((socket) => (socket.preexisting ? 1 : 0)),
    ),
    localAddress: concat(local.map(({ bytes }) => bytes)),
    remoteAddress: concat(remote.map(({ bytes }) => bytes)),
    localPort: column(
      'u16',
      sockets.map((socket) => socket.local.port),
    ),
    remotePort: column(
      'u16',
      sockets.map((socket) => socket.remote.port),
    ),
  };
}

function address(text: string) {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no IP address`);
  return parsed;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
