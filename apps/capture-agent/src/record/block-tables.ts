import { NONE } from '@causeway/core';
import {
  COLUMN_BYTES,
  SOCKET_COLUMNS,
  type SocketColumn,
  SocketFamily,
  THREAD_COLUMNS,
  type ThreadColumn,
} from '@causeway/replay';
import { PEER_INODE_WORD, type SocketTuple } from './socket-registry';

/** A thread under one command name: a row of a block's thread table. */
export interface ThreadEntry {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** 0 = none. */
  readonly coroutine: number;
  readonly pseudoThread: number;
  /** The name's 16 bytes, for comparing. */
  readonly commWords: Uint32Array;
  /** Number of the block whose table it is in, and its row there. */
  block: number;
  row: number;
}

type Table<Column extends string> = Record<Column, Uint8Array>;

function makeTable<Column extends string>(
  columns: Readonly<Record<Column, keyof typeof COLUMN_BYTES>>,
  rows: number,
): { table: Table<Column>; view: (column: Column) => DataView } {
  const names = Object.keys(columns) as Column[];
  const table = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(rows * COLUMN_BYTES[columns[name]])]),
  ) as Table<Column>;
  return { table, view: (column) => new DataView(table[column].buffer) };
}

/** `stringOf` gives a string's index in the block. */
export function socketTable(sockets: readonly SocketTuple[], stringOf: (text: string) => number): Table<SocketColumn> {
  const { table, view } = makeTable<SocketColumn>(SOCKET_COLUMNS, sockets.length);
  const [id, inode, netns] = [view('id'), view('inode'), view('netns')];
  const [localPort, remotePort] = [view('localPort'), view('remotePort')];
  const [peerInode, path] = [view('peerInode'), view('path')];
  for (const [row, { identity, addresses, ...tuple }] of sockets.entries()) {
    id.setUint32(row * 8, identity.idLow, true);
    id.setUint32(row * 8 + 4, identity.idHigh, true);
    inode.setUint32(row * 4, identity.inode, true);
    netns.setUint32(row * 4, tuple.netns, true);
    table.family[row] = tuple.family;
    table.transport[row] = tuple.transport;
    table.role[row] = identity.role;
    table.preexisting[row] = identity.preexisting ? 1 : 0;
    path.setUint32(row * 4, identity.path === undefined ? NONE : stringOf(identity.path), true);
    if (tuple.family === SocketFamily.unix) {
      peerInode.setUint32(row * 4, addresses[PEER_INODE_WORD]!, true);
      continue;
    }
    const bytes = new Uint8Array(addresses.buffer, addresses.byteOffset, 32);
    table.localAddress.set(bytes.subarray(0, 16), row * 16);
    table.remoteAddress.set(bytes.subarray(16), row * 16);
    localPort.setUint16(row * 2, tuple.localPort, true);
    remotePort.setUint16(row * 2, tuple.remotePort, true);
  }
  return table;
}

export function threadTable(threads: readonly ThreadEntry[], stringOf: (text: string) => number): Table<ThreadColumn> {
  const { table, view } = makeTable<ThreadColumn>(THREAD_COLUMNS, threads.length);
  const [pid, tid, comm] = [view('pid'), view('tid'), view('comm')];
  const [coroutine, pseudoThread] = [view('coroutine'), view('pseudoThread')];
  for (const [row, thread] of threads.entries()) {
    pid.setUint32(row * 4, thread.pid, true);
    tid.setUint32(row * 4, thread.tid, true);
    coroutine.setUint32(row * 4, thread.coroutine, true);
    pseudoThread.setUint32(row * 4, thread.pseudoThread, true);
    comm.setUint32(row * 4, stringOf(thread.comm), true);
  }
  return table;
}
