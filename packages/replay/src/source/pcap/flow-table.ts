import { Direction, EventKind } from '@causeway/core';
import { uint16 } from './byte-order';
import type { Dissected } from './dissector';
import { type Flow, type FlowPlace, type FlowSide, newFlow, type Opening } from './flow';
import type { PacketRecord } from './packet-record';
import { type Segment, TcpFlag, type TcpSegment } from './segment';
import { observe, takeFlags } from './tcp-observation';

/** Flows known at once; beyond, the oldest counts as closed. */
const MAX_FLOWS = 262_144;
/** Late segments of a closed connection lie this close to its end; others belong to a new one whose SYN is missing. */
const LATE_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** What a packet tells about its flow. */
export interface FlowEvent {
  readonly kind: EventKind;
  readonly direction: Direction;
  readonly flow: Flow;
  readonly sequence: number;
  /** Bytes that were on the wire. */
  readonly length: number;
  readonly payload: Uint8Array;
  /** EventFlag bits besides those of every packet. */
  readonly flags: number;
  /** A connection was reset. */
  readonly reset: boolean;
}

/** A packet's place among the flows. */
interface Seen {
  readonly key: string;
  readonly known: Flow | undefined;
  readonly way: Dissected['way'];
  readonly place: FlowPlace;
  readonly sourceIsFirst: boolean;
  readonly packet: PacketRecord;
}

export type FlowEventSink = (event: FlowEvent, packet: PacketRecord) => void;

/**
 * Makes events of segments: the SYN and its answer begin a connection, payload moves, a FIN from the remote end is the end
 * of what it sends, and a connection closes with a reset or, once both ends have sent their FIN, with the next segment
 * that brings nothing. Order, repetition and gaps of payload are the stream's concern.
 */
export class FlowTable {
  private readonly flows = new Map<string, Flow>();
  private created = 0;
  private last: PacketRecord | undefined;

  constructor(private readonly sink: FlowEventSink) {}

  add({ segment, way, interfaceIndex }: Dissected, packet: PacketRecord, place: FlowPlace): void {
    this.last = packet;
    const sourceIsFirst = isFirst(segment);
    const key = keyOf(segment, sourceIsFirst, packet.interfaceId, interfaceIndex ?? 0);
    const known = this.flows.get(key);
    const seen = { key, known, way, place, sourceIsFirst, packet };
    if (segment.transport === 'tcp') this.tcp(segment, seen);
    else if (segment.length > 0) this.udp(segment, known ?? this.open('none', segment, seen), sourceIsFirst, packet);
  }

  /** Connections whose two ends had finished are closed; the rest is still open. */
  end(): void {
    if (this.last === undefined) return;
    for (const flow of this.flows.values()) if (isFinished(flow)) this.close(flow, this.last);
  }

  private open(opening: Opening, segment: Segment, { key, known, way, place, sourceIsFirst, packet }: Seen): Flow {
    if (known !== undefined) this.close(known, packet);
    this.created += 1;
    const flow = newFlow(this.created, segment, opening, way, place, sourceIsFirst);
    this.flows.delete(key);
    this.flows.set(key, flow);
    if (this.flows.size > MAX_FLOWS) this.forgetOldest(packet);
    return flow;
  }

  private udp(segment: Segment, flow: Flow, sourceIsFirst: boolean, packet: PacketRecord): void {
    const { payload, length } = segment;
    const direction = directionOf(flow, sourceIsFirst);
    this.tell(EventKind.data, direction, flow, 0, length, payload, 0, packet);
  }

  private tcp(segment: TcpSegment, seen: Seen): void {
    const { known, sourceIsFirst, packet } = seen;
    const { flags, length } = segment;
    if ((flags & TcpFlag.reset) !== 0) {
      if (known !== undefined) this.close(known, packet, true);
      return;
    }
    if ((flags & TcpFlag.syn) !== 0) {
      this.synchronise(segment, seen);
      return;
    }
    const carries = length > 0 || (flags & TcpFlag.fin) !== 0;
    let flow = known;
    if (flow === undefined || flow.closed) {
      if (length === 0 || (flow !== undefined && isLate(sideOf(flow, sourceIsFirst), segment.sequence))) return;
      flow = this.open('none', segment, seen);
    }
    observe(flow, segment, sideOf(flow, sourceIsFirst), nanosecondsOf(packet));
    if (!carries) {
      if (isFinished(flow)) this.close(flow, packet);
      return;
    }
    this.data(flow, segment, segment.sequence, sourceIsFirst, packet);
  }

  private synchronise(segment: TcpSegment, seen: Seen): void {
    const { known, sourceIsFirst, packet } = seen;
    const answers = (segment.flags & TcpFlag.ack) !== 0;
    let flow = known;
    const side = flow && sideOf(flow, sourceIsFirst);
    // Sent again, or a probe within the connection (RFC 5961): nothing begins.
    if (flow !== undefined && !flow.closed && side?.initial === segment.sequence) return;
    const fits =
      flow !== undefined && !flow.closed && answers && side?.initial === undefined && side?.next === undefined;
    if (!fits) flow = this.open(answers ? 'syn-ack' : 'syn', segment, seen);
    const begun = flow!;
    const first = (segment.sequence + 1) >>> 0;
    const sender = sideOf(begun, sourceIsFirst);
    sender.initial = segment.sequence;
    sender.next = first;
    if (!answers) begun.synTime = nanosecondsOf(packet);
    const kind = answers ? EventKind.accept : EventKind.connect;
    const direction = directionOf(begun, sourceIsFirst);
    this.tell(kind, direction, begun, first, 0, NOTHING, 0, packet);
    // TCP Fast Open (RFC 7413).
    if (segment.length > 0) this.data(begun, segment, first, sourceIsFirst, packet);
  }

  private data(
    flow: Flow,
    { length, payload, flags }: TcpSegment,
    sequence: number,
    sourceIsFirst: boolean,
    packet: PacketRecord,
  ): void {
    const side = sideOf(flow, sourceIsFirst);
    const direction = directionOf(flow, sourceIsFirst);
    const end = (sequence + length) >>> 0;
    if (length > 0) {
      this.tell(EventKind.data, direction, flow, sequence, length, payload, takeFlags(side), packet);
      const { next } = side;
      if (next === undefined || (((sequence - next) | 0) <= 0 && ((end - next) | 0) > 0)) side.next = end;
    }
    if ((flags & TcpFlag.fin) === 0 || side.fin !== undefined) return;
    side.fin = end;
    side.next ??= end;
    // With a gap before it, what is missing may still come.
    if (direction === Direction.ingress && side.next === end) {
      this.tell(EventKind.data, direction, flow, end, 0, NOTHING, takeFlags(side), packet);
    }
  }

  private close(flow: Flow, packet: PacketRecord, reset = false): void {
    if (flow.closed || flow.transport === 'udp') return;
    flow.closed = true;
    this.tell(EventKind.close, Direction.none, flow, 0, 0, NOTHING, 0, packet, reset);
  }

  /** All events of one shape, as there are millions. */
  private tell(
    kind: EventKind,
    direction: Direction,
    flow: Flow,
    sequence: number,
    length: number,
    payload: Uint8Array,
    flags: number,
    packet: PacketRecord,
    reset = false,
  ): void {
    this.sink({ kind, direction, flow, sequence, length, payload, flags, reset }, packet);
  }

  private forgetOldest(packet: PacketRecord): void {
    for (const [key, flow] of this.flows) {
      this.close(flow, packet);
      this.flows.delete(key);
      return;
    }
  }
}

function sideOf(flow: Flow, sourceIsFirst: boolean): FlowSide {
  return flow.localIsFirst === sourceIsFirst ? flow.fromLocal : flow.fromRemote;
}

function directionOf(flow: Flow, sourceIsFirst: boolean): Direction {
  return flow.localIsFirst === sourceIsFirst ? Direction.egress : Direction.ingress;
}

function isFinished({ fromLocal, fromRemote }: Flow): boolean {
  return fromLocal.fin !== undefined && fromRemote.fin !== undefined;
}

function isLate({ next, fin }: FlowSide, sequence: number): boolean {
  const reached = fin ?? next;
  return reached === undefined || Math.abs((sequence - reached) | 0) < LATE_BYTES;
}

function nanosecondsOf({ seconds, nanoseconds }: PacketRecord): number {
  return seconds * 1e9 + nanoseconds;
}

/** Which of the two ends stands first in the key: the same for both directions. */
function isFirst({ addresses, sourcePort, targetPort }: Segment): boolean {
  if (sourcePort !== targetPort) return sourcePort < targetPort;
  const { frame, sourceAt, targetAt, size } = addresses;
  for (let i = 0; i < size; i++) {
    const difference = frame[sourceAt + i]! - frame[targetAt + i]!;
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/**
 * Ends, transport and interface. Tags and tunnels are not part of it: they may differ between the directions of one
 * connection, and a frame seen both within and without is passed over by the stream as a repetition.
 */
function keyOf(segment: Segment, sourceIsFirst: boolean, interfaceId: number, interfaceIndex: number): string {
  const { addresses, sourcePort, targetPort, transport } = segment;
  const { frame, sourceAt, targetAt, size } = addresses;
  const a = sourceIsFirst ? sourceAt : targetAt;
  const b = sourceIsFirst ? targetAt : sourceAt;
  const p = sourceIsFirst ? sourcePort : targetPort;
  const q = sourceIsFirst ? targetPort : sourcePort;
  // Short pieces are made in one call: joined ones would be joined anew for the look at the table.
  let key = String.fromCharCode(
    transport === 'tcp' ? 6 : 17,
    p,
    q,
    interfaceId,
    interfaceIndex,
    uint16(frame, a),
    uint16(frame, a + 2),
    uint16(frame, b),
    uint16(frame, b + 2),
  );
  for (let i = 4; i < size; i += 2) key += String.fromCharCode(uint16(frame, a + i), uint16(frame, b + i));
  return key;
}
