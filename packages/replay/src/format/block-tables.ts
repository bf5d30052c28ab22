import { NONE, type SocketId, type SocketInfo, type SocketRole, type ThreadInfo } from '@causeway/core';
import { formatAddress } from './address';
import { checkColumns, columnView } from './column-view';
import { SOCKET_COLUMNS, SocketFamily, SocketTransport, StoredRole, THREAD_COLUMNS } from './event-columns';
import { BadPayload } from './payload-decoding';
import type { RawEventBlock } from './payloads';

const ROLES: Readonly<Record<number, SocketRole>> = {
  [StoredRole.unknown]: 'unknown',
  [StoredRole.client]: 'client',
  [StoredRole.server]: 'server',
};

const NO_ADDRESS = new Uint8Array(16);

/** Rows of the socket table; throws BadPayload. */
export function decodeSockets({ sockets: stored }: RawEventBlock): SocketInfo[] {
  const count = Math.floor((stored.id?.length ?? 0) / 8);
  checkColumns(stored, SOCKET_COLUMNS, count);
  const id = columnView(BigUint64Array, stored.id, count);
  const inode = columnView(Uint32Array, stored.inode, count);
  const netns = columnView(Uint32Array, stored.netns, count);
  const family = columnView(Uint8Array, stored.family, count);
  const transport = columnView(Uint8Array, stored.transport, count);
  const role = columnView(Uint8Array, stored.role, count);
  const preexisting = columnView(Uint8Array, stored.preexisting, count);
  const localPort = columnView(Uint16Array, stored.localPort, count);
  const remotePort = columnView(Uint16Array, stored.remotePort, count);
  const address = (column: Uint8Array | undefined, i: number) =>
    formatAddress(family[i]!, column?.subarray(16 * i, 16 * i + 16) ?? NO_ADDRESS);

  const sockets: SocketInfo[] = [];
  for (let i = 0; i < count; i++) {
    if (family[i] !== SocketFamily.v4 && family[i] !== SocketFamily.v6) {
      throw new BadPayload(`socket ${i} has address family ${family[i]}`);
    }
    if (transport[i] !== SocketTransport.tcp && transport[i] !== SocketTransport.udp) {
      throw new BadPayload(`socket ${i} has IP protocol ${transport[i]}`);
    }
    sockets.push({
      id: id[i]!.toString(16).padStart(16, '0') as SocketId,
      transport: transport[i] === SocketTransport.tcp ? 'tcp' : 'udp',
      local: { address: address(stored.localAddress, i), port: localPort[i]! },
      remote: { address: address(stored.remoteAddress, i), port: remotePort[i]! },
      inode: inode[i]!,
      netns: netns[i]!,
      role: ROLES[role[i]!] ?? 'unknown',
      preexisting: preexisting[i] === 1,
    });
  }
  return sockets;
}

/** Rows of the thread table; throws BadPayload. */
export function decodeThreads({ threads: stored, strings }: RawEventBlock): ThreadInfo[] {
  const count = Math.floor((stored.pid?.length ?? 0) / 4);
  checkColumns(stored, THREAD_COLUMNS, count);
  const pid = columnView(Uint32Array, stored.pid, count);
  const tid = columnView(Uint32Array, stored.tid, count);
  const comm = stored.comm === undefined ? undefined : columnView(Uint32Array, stored.comm, count);
  const threads: ThreadInfo[] = [];
  for (let i = 0; i < count; i++) {
    const name = comm?.[i] ?? NONE;
    if (name !== NONE && name >= strings.length) throw new BadPayload(`thread ${i} refers to string ${name}`);
    threads.push({ pid: pid[i]!, tid: tid[i]!, comm: name === NONE ? '' : strings[name]! });
  }
  return threads;
}
