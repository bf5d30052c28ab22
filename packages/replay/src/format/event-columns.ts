import type { NetObservation } from '@causeway/core';

/**
 * The names and element types of an event block's columns and tables, as `docs/capture-format.md` lists them. All are
 * little endian.
 */
export type ColumnType = 'u8' | 'u16' | 'u32' | 'u64' | 'i32' | 'f64' | 'address';

export const COLUMN_BYTES: Readonly<Record<ColumnType, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i32: 4,
  f64: 8,
  address: 16,
};

export const EVENT_COLUMNS = {
  kind: 'u8',
  enter: 'f64',
  exit: 'f64',
  abi: 'u8',
  direction: 'u8',
  flags: 'u16',
  thread: 'u32',
  socket: 'u32',
  fd: 'i32',
  result: 'f64',
  tcpSeqEnter: 'u32',
  tcpSeqExit: 'u32',
  rtt: 'u32',
  loopTurn: 'u8',
  detail: 'u32',
  payloadLength: 'u32',
} as const satisfies Readonly<Record<string, ColumnType>>;
export type EventColumn = keyof typeof EVENT_COLUMNS;

export const SOCKET_COLUMNS = {
  id: 'u64',
  inode: 'u32',
  netns: 'u32',
  family: 'u8',
  transport: 'u8',
  role: 'u8',
  preexisting: 'u8',
  peerInode: 'u32',
  path: 'u32',
  observation: 'u8',
  localAddress: 'address',
  remoteAddress: 'address',
  localPort: 'u16',
  remotePort: 'u16',
} as const satisfies Readonly<Record<string, ColumnType>>;
export type SocketColumn = keyof typeof SOCKET_COLUMNS;

export const THREAD_COLUMNS = {
  pid: 'u32',
  tid: 'u32',
  comm: 'u32',
  coroutine: 'u32',
  pseudoThread: 'u32',
} as const satisfies Readonly<Record<string, ColumnType>>;
export type ThreadColumn = keyof typeof THREAD_COLUMNS;

/** Values of the socket table's `family`, `transport` and `role`. */
export const SocketFamily = { unix: 1, v4: 4, v6: 6 } as const;
export const SocketTransport = { unix: 0, tcp: 6, udp: 17 } as const;
/** Where on the path packets were seen; 0 = at the end they are told from, or not known. */
export const StoredObservation = { nd: 1, hv: 2, 'gw-hv': 3, gw: 4 } as const satisfies Record<NetObservation, number>;
export const StoredRole = { unknown: 0, client: 1, server: 2 } as const;
