import { createHash } from 'node:crypto';
import type { SocketId } from '@causeway/core';
import { StoredRole } from '@causeway/replay';
import type { StreamMemory } from './payload-policy';
import { RawEvent, type RawEvents } from './raw-event';

/** A kernel socket, whatever peers it talks to. */
export interface SocketIdentity extends StreamMemory {
  readonly inode: number;
  /** The 64 bits of the socket's id. */
  readonly idLow: number;
  readonly idHigh: number;
  /** A `StoredRole`. */
  role: number;
  /** Of a unix socket: what the server's end is bound to, `@` before an abstract name. */
  path: string | undefined;
  preexisting: boolean;
  /** Of what a TLS library encrypts. */
  readonly plaintext: StreamMemory;
  closed: boolean;
  /** One per pair of addresses: more than one only for datagram sockets. Latest first. */
  readonly tuples: SocketTuple[];
}

/** A socket with its addresses: a row of a block's socket table. */
export interface SocketTuple {
  readonly identity: SocketIdentity;
  readonly netns: number;
  readonly family: number;
  readonly transport: number;
  readonly localPort: number;
  readonly remotePort: number;
  /** Local, then remote address: 32 bytes as in the record. */
  readonly addresses: Uint32Array;
}

const TCP = 6;
const UDP = 17;
/** Peers of one datagram socket that are kept apart without asking again. */
const MAX_TUPLES = 64;
/** Sockets known at once before closed ones are forgotten, and the oldest. */
const SWEEP_ABOVE = 65_536;
const ADDRESS_WORDS = 8;
/** Of a unix socket, the word of its addresses that names the other end. */
export const PEER_INODE_WORD = 4;

/**
 * The sockets seen so far, by kernel address. Addresses are used again after a close, so the inode is compared too.
 * Ids are a keyed mix of both: nothing of the kernel's memory layout leaves the agent.
 */
export class SocketRegistry {
  private readonly byAddress = new Map<number, SocketIdentity>();

  /** `bootKey`: differs from boot to boot, equal for all recordings of one. */
  constructor(private readonly bootKey: string) {}

  /** The socket of the record at byte `at`, which has one. */
  tupleOf(events: RawEvents, at: number): SocketTuple {
    const identity = this.identityOf(events, at);
    const { tuples } = identity;
    for (let i = 0; i < tuples.length; i++) {
      const tuple = tuples[i]!;
      if (sameTuple(tuple, events, at)) return tuple;
    }
    // A TCP connection that is over has no port any more: it goes by what it had.
    const isOver = events.u16[(at + RawEvent.localPort) >> 1] === 0 && events.u8[at + RawEvent.transport] === TCP;
    if (isOver && tuples[0] !== undefined) return tuples[0];
    const tuple = readTuple(identity, events, at);
    tuples.unshift(tuple);
    if (tuples.length > MAX_TUPLES) tuples.pop();
    return tuple;
  }

  private identityOf(events: RawEvents, at: number): SocketIdentity {
    const word = at >> 2;
    const low = events.u32[word + RawEvent.socket / 4]!;
    const high = events.u32[word + RawEvent.socket / 4 + 1]!;
    // Kernel addresses differ in their low 48 bits, which a double holds exactly.
    const address = (high & 0xffff) * 0x1_0000_0000 + low;
    const inode = events.u32[word + RawEvent.inode / 4]!;
    const known = this.byAddress.get(address);
    if (known !== undefined && known.inode === inode) return known;
    if (this.byAddress.size >= SWEEP_ABOVE) this.forgetClosed();
    const id = createHash('sha256').update(`${this.bootKey} ${inode} ${high} ${low}`).digest();
    const identity: SocketIdentity = {
      inode,
      idLow: id.readUInt32LE(0),
      idHigh: id.readUInt32LE(4),
      role: StoredRole.unknown,
      path: undefined,
      // A socket with connections of which neither connect nor accept was seen is older than what we know of its process.
      preexisting: events.u8[at + RawEvent.transport] !== UDP,
      plaintext: {},
      closed: false,
      tuples: [],
    };
    this.byAddress.set(address, identity);
    return identity;
  }

  private forgetClosed(): void {
    for (const [address, identity] of this.byAddress) {
      if (identity.closed) this.byAddress.delete(address);
    }
    // Few of them: the oldest go, too, or the next socket would bring us here again.
    let surplus = this.byAddress.size - (SWEEP_ABOVE * 3) / 4;
    for (const address of this.byAddress.keys()) {
      if (surplus-- <= 0) break;
      this.byAddress.delete(address);
    }
  }
}

/** The id in text: 16 lower-case hex digits. */
export function socketIdText({ idHigh, idLow }: SocketIdentity): SocketId {
  return (idHigh.toString(16).padStart(8, '0') + idLow.toString(16).padStart(8, '0')) as SocketId;
}

function sameTuple(tuple: SocketTuple, events: RawEvents, at: number): boolean {
  const half = at >> 1;
  if (tuple.remotePort !== events.u16[half + RawEvent.remotePort / 2]) return false;
  if (tuple.localPort !== events.u16[half + RawEvent.localPort / 2]) return false;
  if (tuple.family !== events.u8[at + RawEvent.family]) return false;
  const word = (at + RawEvent.localAddress) >> 2;
  for (let i = 0; i < ADDRESS_WORDS; i++) {
    if (tuple.addresses[i] !== events.u32[word + i]) return false;
  }
  return true;
}

function readTuple(identity: SocketIdentity, events: RawEvents, at: number): SocketTuple {
  const word = (at + RawEvent.localAddress) >> 2;
  return {
    identity,
    netns: events.u32[(at + RawEvent.netns) >> 2]!,
    family: events.u8[at + RawEvent.family]!,
    transport: events.u8[at + RawEvent.transport]!,
    localPort: events.u16[(at + RawEvent.localPort) >> 1]!,
    remotePort: events.u16[(at + RawEvent.remotePort) >> 1]!,
    addresses: events.u32.slice(word, word + ADDRESS_WORDS),
  };
}
