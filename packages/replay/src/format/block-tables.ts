import {
  type NetObservation,
  NONE,
  type SocketId,
  type SocketInfo,
  type SocketRole,
  type ThreadInfo,
  type Transport,
} from '@causeway/core';
import { formatAddress } from './address';
import { checkColumns, columnView } from './column-view';
import {
  COLUMN_BYTES,
  SOCKET_COLUMNS,
  SocketFamily,
  SocketTransport,
  StoredObservation,
  StoredRole,
  THREAD_COLUMNS,
} from './event-columns';
import type { KnownSockets } from './known-sockets';
import { BadPayload } from './payload-decoding';
import type { RawEventBlock } from './payloads';

const ROLES: Readonly<Record<number, SocketRole>> = {
  [StoredRole.unknown]: 'unknown',
  [StoredRole.client]: 'client',
  [StoredRole.server]: 'server',
};

const TRANSPORTS: Readonly<Record<number, Transport>> = {
  [SocketTransport.unix]: 'unix',
  [SocketTransport.tcp]: 'tcp',
  [SocketTransport.udp]: 'udp',
};
const OBSERVATIONS = new Map<number, NetObservation>(
  Object.entries(StoredObservation).map(([name, number]) => [number, name as NetObservation]),
);
const FAMILIES: ReadonlySet<number> = new Set(Object.values(SocketFamily));

const NO_ADDRESS = new Uint8Array(16);
/** A row of the socket table without its path. */
const SOCKET_WORDS = 16;

/** Throws BadPayload unless the socket and thread tables can be decoded. */
export function checkTables({ sockets, threads, strings }: RawEventBlock): { sockets: number; threads: number } {
  const socketCount = Math.floor((sockets.id?.length ?? 0) / COLUMN_BYTES[SOCKET_COLUMNS.id]);
  checkColumns(sockets, SOCKET_COLUMNS, socketCount);
  const family = columnView(Uint8Array, sockets.family, socketCount);
  const transport = columnView(Uint8Array, sockets.transport, socketCount);
  for (let i = 0; i < socketCount; i++) {
    if (!FAMILIES.has(family[i]!)) throw new BadPayload(`socket ${i} has address family ${family[i]}`);
    if (TRANSPORTS[transport[i]!] === undefined) throw new BadPayload(`socket ${i} has IP protocol ${transport[i]}`);
    if ((family[i] === SocketFamily.unix) !== (transport[i] === SocketTransport.unix)) {
      throw new BadPayload(`socket ${i} has address family ${family[i]} and IP protocol ${transport[i]}`);
    }
  }
  checkStrings(sockets.path, socketCount, strings, 'socket');
  const threadCount = Math.floor((threads.pid?.length ?? 0) / COLUMN_BYTES[THREAD_COLUMNS.pid]);
  checkColumns(threads, THREAD_COLUMNS, threadCount);
  checkStrings(threads.comm, threadCount, strings, 'thread');
  return { sockets: socketCount, threads: threadCount };
}

function checkStrings(column: Uint8Array | undefined, rows: number, strings: readonly string[], what: string): void {
  if (column === undefined) return;
  const indices = columnView(Uint32Array, column, rows);
  for (let i = 0; i < rows; i++) {
    if (indices[i] !== NONE && indices[i]! >= strings.length)
      throw new BadPayload(`${what} ${i} refers to string ${indices[i]}`);
  }
}

/** Rows of a socket table that was checked. `known`: those of the blocks before. */
export function decodeSockets(raw: RawEventBlock, count: number, known: KnownSockets): SocketInfo[] {
  const { sockets: stored, strings } = raw;
  const id = columnView(Uint32Array, stored.id, 2 * count);
  const inode = columnView(Uint32Array, stored.inode, count);
  const netns = columnView(Uint32Array, stored.netns, count);
  const family = columnView(Uint8Array, stored.family, count);
  const transport = columnView(Uint8Array, stored.transport, count);
  const role = columnView(Uint8Array, stored.role, count);
  const preexisting = columnView(Uint8Array, stored.preexisting, count);
  const localPort = columnView(Uint16Array, stored.localPort, count);
  const remotePort = columnView(Uint16Array, stored.remotePort, count);
  const peerInode = columnView(Uint32Array, stored.peerInode, count);
  const observation = columnView(Uint8Array, stored.observation, count);
  const path = stored.path && columnView(Uint32Array, stored.path, count);
  const local = columnView(Uint32Array, stored.localAddress, 4 * count);
  const remote = columnView(Uint32Array, stored.remoteAddress, 4 * count);
  const isUnix = (i: number) => family[i] === SocketFamily.unix;
  const address = (column: Uint8Array | undefined, i: number, bound: number) => {
    if (isUnix(i)) return role[i] === bound ? (strings[path?.[i] ?? NONE] ?? '') : '';
    return formatAddress(family[i]!, column?.subarray(16 * i, 16 * i + 16) ?? NO_ADDRESS);
  };
  const make = (i: number): SocketInfo => ({
    id: (hex32(id[2 * i + 1]!) + hex32(id[2 * i]!)) as SocketId,
    transport: TRANSPORTS[transport[i]!]!,
    local: { address: address(stored.localAddress, i, StoredRole.server), port: localPort[i]! },
    remote: { address: address(stored.remoteAddress, i, StoredRole.client), port: remotePort[i]! },
    inode: inode[i]!,
    ...(peerInode[i] !== 0 && { peerInode: peerInode[i]! }),
    netns: netns[i]!,
    ...(observation[i] !== 0 &&
      OBSERVATIONS.has(observation[i]!) && { observation: OBSERVATIONS.get(observation[i]!)! }),
    role: ROLES[role[i]!] ?? 'unknown',
    preexisting: preexisting[i] === 1,
  });

  const words = new Uint32Array(SOCKET_WORDS);
  const sockets: SocketInfo[] = [];
  for (let i = 0; i < count; i++) {
    words[0] = id[2 * i]!;
    words[1] = id[2 * i + 1]!;
    words[2] = inode[i]!;
    words[3] = peerInode[i]!;
    words[4] = netns[i]!;
    words[5] = observation[i]!;
    words[6] = family[i]! | (transport[i]! << 8) | (role[i]! << 16) | (preexisting[i]! << 24);
    words[7] = localPort[i]! | (remotePort[i]! << 16);
    for (let word = 0; word < 4; word++) {
      words[8 + word] = local[4 * i + word]!;
      words[12 + word] = remote[4 * i + word]!;
    }
    // A path is no part of the row's words.
    sockets.push(isUnix(i) ? make(i) : known.find(words, () => make(i)));
  }
  return sockets;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Rows of a thread table that was checked. */
export function decodeThreads({ threads: stored, strings }: RawEventBlock, count: number): ThreadInfo[] {
  const pid = columnView(Uint32Array, stored.pid, count);
  const tid = columnView(Uint32Array, stored.tid, count);
  const comm = stored.comm && columnView(Uint32Array, stored.comm, count);
  const coroutine = columnView(Uint32Array, stored.coroutine, count);
  const pseudoThread = columnView(Uint32Array, stored.pseudoThread, count);
  const threads: ThreadInfo[] = [];
  for (let i = 0; i < count; i++) {
    // NONE is beyond any table of strings.
    threads.push({
      pid: pid[i]!,
      tid: tid[i]!,
      comm: strings[comm?.[i] ?? NONE] ?? '',
      ...(coroutine[i] !== 0 && { coroutine: coroutine[i]! }),
      ...(pseudoThread[i] !== 0 && { pseudoThread: pseudoThread[i]! }),
    });
  }
  return threads;
}
