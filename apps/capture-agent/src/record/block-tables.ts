import { NONE } from '@causeway/core';
import {
  COLUMN_BYTES,
  SOCKET_COLUMNS,
  type SocketColumn,
  SocketFamily,
  THREAD_COLUMNS,
  type ThreadColumn,
} from '@causeway/replay';
import { RAW_EVENT_BYTES, RawEvent, type RawEvents } from './raw-event';
import { PEER_INODE_WORD, type SocketTuple } from './socket-registry';

type Table<Column extends string> = Record<Column, Uint8Array>;

/** All columns in one piece of memory. */
function makeTable<Column extends string>(
  columns: Readonly<Record<Column, keyof typeof COLUMN_BYTES>>,
  rows: number,
): { table: Table<Column>; view: (column: Column) => DataView } {
  const widths = Object.entries(columns) as [Column, keyof typeof COLUMN_BYTES][];
  const memory = new ArrayBuffer(rows * widths.reduce((sum, [, type]) => sum + COLUMN_BYTES[type], 0));
  const table = {} as Table<Column>;
  let at = 0;
  for (const [name, type] of widths) {
    table[name] = new Uint8Array(memory, at, rows * COLUMN_BYTES[type]);
    at += table[name].length;
  }
  return { table, view: (column) => new DataView(memory, table[column].byteOffset, table[column].length) };
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

/** Of the heads with these numbers. */
export function threadTable(
  heads: RawEvents,
  numbers: readonly number[],
  stringOf: (text: string) => number,
): Table<ThreadColumn> {
  const { table, view } = makeTable<ThreadColumn>(THREAD_COLUMNS, numbers.length);
  const [pid, tid, comm] = [view('pid'), view('tid'), view('comm')];
  const [coroutine, pseudoThread] = [view('coroutine'), view('pseudoThread')];
  for (const [row, number] of numbers.entries()) {
    const at = number * RAW_EVENT_BYTES;
    const word = (offset: number) => heads.u32[(at + offset) >> 2]!;
    pid.setUint32(row * 4, word(RawEvent.pid), true);
    tid.setUint32(row * 4, word(RawEvent.tid), true);
    coroutine.setUint32(row * 4, word(RawEvent.coroutine), true);
    pseudoThread.setUint32(row * 4, word(RawEvent.pseudoThread), true);
    comm.setUint32(row * 4, stringOf(heads.comm(at)), true);
  }
  return table;
}
