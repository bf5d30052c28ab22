import { readFileSync } from 'node:fs';
import type { Endpoint, ProcessInfo, SocketInfo, SocketRole, StateSnapshot } from '@causeway/core';
import { formatAddress, SocketTransport, StoredRole } from '@causeway/replay';
import { commandLine, listProcesses, type ProcessEntry } from '../host/processes';
import type { NativeSession } from '../native/native-addon';
import type { Redactor } from '../redact/redactor';
import { RAW_EVENT_BYTES, RawEvent, RawEvents } from './raw-event';
import { PEER_INODE_WORD, type SocketRegistry, type SocketTuple, socketIdText } from './socket-registry';

/** `TCP_LISTEN` of the kernel's socket states. */
const LISTENING = 10;

const ROLES: readonly SocketRole[] = ['unknown', 'client', 'server'];

interface HeldSocket {
  readonly tuple: SocketTuple;
  readonly pid: number;
  readonly fd: number;
}

/**
 * The processes that are recorded and the sockets they hold now, listening ones left out. Sockets that are new to the
 * registry are older than the capture; the ones whose local port is listened on were accepted.
 */
export function takeSnapshot(
  session: NativeSession,
  registry: SocketRegistry,
  options: { readonly first: boolean; readonly redactor?: Redactor | undefined },
): StateSnapshot {
  const processes = listProcesses().filter(({ pid }) => pid !== process.pid && session.isTarget(pid));
  const { held, listening } = heldSockets(session, registry);
  if (options.first) {
    for (const { tuple } of held) {
      tuple.identity.preexisting = true;
      const { identity } = tuple;
      // Of a unix socket only the server's end has a path.
      const named = tuple.transport !== SocketTransport.unix || identity.path !== undefined;
      if (named && listening.has(placeOf(tuple))) identity.role = StoredRole.server;
    }
  }
  return { processes: processes.map((entry) => processInfo(entry, options.redactor)), sockets: held.map(socketInfo) };
}

function heldSockets(session: NativeSession, registry: SocketRegistry) {
  const records = session.existingSockets();
  const events = new RawEvents(records);
  const held: HeldSocket[] = [];
  const listening = new Set<string>();
  const paths = unixPaths();
  for (let at = 0; at + RAW_EVENT_BYTES <= records.byteLength; at += RAW_EVENT_BYTES) {
    const tuple = registry.tupleOf(events, at);
    const transport = events.u8[at + RawEvent.transport];
    if (transport === SocketTransport.unix) tuple.identity.path ??= paths.get(tuple.identity.inode);
    if (transport !== SocketTransport.udp && events.u32[(at + RawEvent.detail) >> 2] === LISTENING) {
      listening.add(placeOf(tuple));
    } else {
      held.push({ tuple, pid: events.u32[(at + RawEvent.pid) >> 2]!, fd: events.i32[(at + RawEvent.fd) >> 2]! });
    }
  }
  return { held, listening };
}

const placeOf = ({ identity, netns, transport, localPort }: SocketTuple) =>
  transport === SocketTransport.unix ? `unix ${identity.path}` : `${netns} ${transport} ${localPort}`;

function processInfo({ pid, parentPid, comm }: ProcessEntry, redactor: Redactor | undefined): ProcessInfo {
  const line = commandLine(pid);
  return { pid, tid: pid, comm, parentPid, commandLine: redactor?.text(line) ?? line };
}

function socketInfo({ tuple, pid, fd }: HeldSocket): SocketInfo & { readonly pid: number; readonly fd: number } {
  const { identity } = tuple;
  const isUnix = tuple.transport === SocketTransport.unix;
  const path = identity.path ?? '';
  return {
    id: socketIdText(identity),
    transport: isUnix ? 'unix' : tuple.transport === SocketTransport.tcp ? 'tcp' : 'udp',
    local: isUnix
      ? { address: identity.role === StoredRole.server ? path : '', port: 0 }
      : endpoint(tuple, 0, tuple.localPort),
    remote: isUnix
      ? { address: identity.role === StoredRole.client ? path : '', port: 0 }
      : endpoint(tuple, 4, tuple.remotePort),
    inode: identity.inode,
    ...(isUnix && tuple.addresses[PEER_INODE_WORD] !== 0 && { peerInode: tuple.addresses[PEER_INODE_WORD]! }),
    netns: tuple.netns,
    role: ROLES[identity.role] ?? 'unknown',
    preexisting: identity.preexisting,
    pid,
    fd,
  };
}

/** Paths of the unix sockets of this network namespace, by inode: of those that are bound, and of what they accepted. */
function unixPaths(): ReadonlyMap<number, string> {
  const paths = new Map<number, string>();
  for (const line of procText('net/unix').split('\n')) {
    // Num RefCount Protocol Flags Type St Inode Path
    const [, inode, path] = /^(?:\S+\s+){6}(\d+)\s+(\S.*)$/.exec(line) ?? [];
    if (inode !== undefined && path !== undefined) paths.set(Number(inode), path);
  }
  return paths;
}

function procText(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function endpoint(tuple: SocketTuple, firstWord: number, port: number): Endpoint {
  const bytes = new Uint8Array(tuple.addresses.buffer, tuple.addresses.byteOffset + firstWord * 4, 16);
  return { address: formatAddress(tuple.family, bytes), port };
}
