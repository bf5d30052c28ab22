import type { NetObservation } from '@causeway/core';
import { StoredRole } from '../../format/event-columns';
import type { Segment } from './segment';

/** One direction of a TCP connection. */
export interface FlowSide {
  /** Sequence number of the SYN. */
  initial: number | undefined;
  /** Sequence number behind the last byte that came without a gap. */
  next: number | undefined;
  /** Sequence number of the FIN. */
  fin: number | undefined;
  /** EventFlag bits for its next event. */
  flags: number;
  /** It can take no more bytes. */
  isFull: boolean;
  /** A segment whose acknowledgment is waited for: the sequence number behind it, and when it passed in nanoseconds. */
  timed: { readonly end: number; readonly time: number } | undefined;
}

/** Where a flow was seen. */
export interface FlowPlace {
  readonly interfaceName: string;
  /** Inode of the network namespace. */
  readonly netns?: number;
  /** Absent = at the end that the flow is told from, or not known. */
  readonly observation?: NetObservation;
}

/** A TCP connection, or two ends that exchange UDP, seen on one interface. `local` is the end that it is told from. */
export interface Flow {
  /** Its socket id, from 1. */
  readonly id: number;
  readonly transport: 'tcp' | 'udp';
  /** 4 or 16 bytes. */
  readonly localAddress: Uint8Array;
  readonly remoteAddress: Uint8Array;
  readonly localPort: number;
  readonly remotePort: number;
  readonly role: number;
  /** Its beginning was not seen. */
  readonly preexisting: boolean;
  readonly place: FlowPlace;
  readonly fromLocal: FlowSide;
  readonly fromRemote: FlowSide;
  /** Where `local` stands in the flow's key. */
  readonly localIsFirst: boolean;
  closed: boolean;
  /** Nanoseconds since the Unix epoch, as a double: for differences. */
  synTime: number | undefined;
  /**
   * Smoothed, in microseconds: at first from the SYN to the client's first acknowledgment, a round trip wherever it is
   * measured; then from the local end's segments to their acknowledgments (RFC 6298).
   */
  roundTrip: number;
  /** Number of the block whose table it is in, and its row there. */
  block: number;
  row: number;
}

/** What of the handshake the first segment is. */
export type Opening = 'syn' | 'syn-ack' | 'none';

/**
 * A flow from its first segment. It is told from the end that captured it, if the file says which one that is, else from
 * the client: the sender of the SYN, else the higher port. That guess names ends; what they speak is told by content.
 */
export function newFlow(
  id: number,
  segment: Segment,
  opening: Opening,
  way: 'in' | 'out' | undefined,
  place: FlowPlace,
  sourceIsFirst: boolean,
): Flow {
  // Between equal ports, who speaks first asks.
  const sourceIsClient = opening === 'syn' || (opening === 'none' && segment.sourcePort >= segment.targetPort);
  const sourceIsLocal = way === undefined ? sourceIsClient : way === 'out';
  const { addresses, sourcePort, targetPort, transport } = segment;
  const { frame, sourceAt, targetAt, size } = addresses;
  const [localAt, remoteAt] = sourceIsLocal ? [sourceAt, targetAt] : [targetAt, sourceAt];
  const localIsClient = sourceIsLocal === sourceIsClient;
  const known = localIsClient ? StoredRole.client : StoredRole.server;
  return {
    id,
    transport,
    // Copies: the frame's memory is a large piece of the file.
    localAddress: frame.slice(localAt, localAt + size),
    remoteAddress: frame.slice(remoteAt, remoteAt + size),
    localPort: sourceIsLocal ? sourcePort : targetPort,
    remotePort: sourceIsLocal ? targetPort : sourcePort,
    role: opening === 'none' ? StoredRole.unknown : known,
    preexisting: transport === 'tcp' && opening === 'none',
    place,
    fromLocal: newSide(),
    fromRemote: newSide(),
    localIsFirst: sourceIsLocal === sourceIsFirst,
    closed: false,
    synTime: undefined,
    roundTrip: 0,
    block: -1,
    row: 0,
  };
}

function newSide(): FlowSide {
  return { initial: undefined, next: undefined, fin: undefined, flags: 0, isFull: false, timed: undefined };
}
