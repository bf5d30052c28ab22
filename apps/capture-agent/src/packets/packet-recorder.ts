import type { NetObservation } from '@causeway/core';
import {
  Dissector,
  type FlowEvent,
  FlowTable,
  PacketBlockBuilder,
  type PacketRecord,
  type RawEventBlock,
  type Segment,
} from '@causeway/replay';
import type { NativeAddon, NativePacketRing } from '../native/native-addon';
import { KEEP_PAYLOAD, type PayloadPolicy, type StreamMemory } from '../record/payload-policy';
import { missingBefore } from '../redact/stream-place';
import { packetFilter } from './packet-filter';
import type { PacketPoint } from './packet-point';

/** Fields of `struct packet_record` in `native/packet_ring.h`. */
const RECORD_HEAD_BYTES = 24;
const CAPTURED_AT = 4;
const WIRE_LENGTH_AT = 8;
const OUTGOING_AT = 12;
const TIME_AT = 16;
/** LINKTYPE_RAW: the packet begins with its IP header. */
const RAW_IP = 101;
const NANOSECONDS = 1_000_000_000n;
/** The largest headers of IP and TCP together, with some room for a tunnel's. */
const HEADER_BYTES = 192;

export interface PacketRecorderOptions {
  readonly points: readonly PacketPoint[];
  /** Only packets with one of these at either end; empty = any. */
  readonly ports: readonly number[];
  readonly hosts: readonly string[];
  /** Bytes kept of a packet's payload. */
  readonly payloadLimit: number;
  readonly policy?: PayloadPolicy | undefined;
  onBlock(block: RawEventBlock): void;
  onFailure(error: unknown): void;
}

interface OpenPoint {
  readonly point: PacketPoint;
  readonly ring: NativePacketRing;
  readonly netns: number;
  readonly isVeth: boolean;
  /** Addresses of the namespace, in hex. */
  readonly addresses: ReadonlySet<string>;
}

/** Where the interface stands, seen from one flow. */
interface Standpoint {
  /** `out` = the packet's source is the end that the flow is told from. */
  readonly way: 'in' | 'out';
  readonly observation?: NetObservation;
}

/** Reads packets off interfaces into event blocks: the live counterpart of a packet capture's import. */
export class PacketRecorder {
  private readonly points: OpenPoint[] = [];
  private readonly dissector = new Dissector();
  private readonly flows = new FlowTable((event, packet) => this.addEvent(event, packet));
  private readonly builder = new PacketBlockBuilder();
  private readonly memories = new WeakMap<FlowEvent['flow'], StreamMemory>();
  private ended: Promise<unknown> = Promise.resolve();
  private packets = 0;
  private closed = false;
  /** Events taken, and those left out by their protocol. */
  events = 0;
  filtered = 0;

  /** Begins at once. Throws what the addon throws: no such interface, no right. */
  constructor(
    addon: NativeAddon,
    private readonly options: PacketRecorderOptions,
  ) {
    const { points, ports, hosts, payloadLimit } = options;
    const filter = packetFilter({ ports, hosts, keep: payloadLimit + HEADER_BYTES });
    try {
      for (const point of points) {
        const ring = new addon.PacketRing(point.interfaceName, point.netnsPath, filter);
        const { netns, isVeth, addresses } = ring.place();
        const inHex = addresses.map((address) => address.toString('hex'));
        this.points.push({ point, ring, netns, isVeth, addresses: new Set(inHex) });
      }
      this.ended = Promise.all(this.points.map((point, index) => this.start(point, index)));
    } catch (error) {
      for (const { ring } of this.points) ring.close();
      throw error;
    }
  }

  /** Packets that came faster than they were taken. */
  get drops(): number {
    return this.closed ? 0 : this.points.reduce((sum, { ring }) => sum + ring.drops(), 0);
  }

  get truncatedPayloads(): number {
    return this.builder.truncatedPayloads;
  }

  flush(): void {
    if (this.builder.count > 0) this.options.onBlock(this.builder.take());
  }

  /** Takes what has come, and no more. */
  async stop(): Promise<void> {
    for (const { ring } of this.points) ring.stop();
    await this.ended;
    this.flows.end();
    this.flush();
  }

  /** After `stop`. */
  close(): void {
    this.closed = true;
    for (const { ring } of this.points) ring.close();
  }

  private start(point: OpenPoint, index: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (records: ArrayBuffer) => {
        try {
          this.take(records, point, index);
        } catch (error) {
          this.options.onFailure(error);
        }
      };
      try {
        point.ring.start(take, resolve);
      } catch (error) {
        reject(error);
      }
    });
  }

  private take(records: ArrayBuffer, open: OpenPoint, interfaceId: number): void {
    const view = new DataView(records);
    for (let at = 0; at < records.byteLength; at += view.getUint32(at, true)) {
      const captured = view.getUint32(at + CAPTURED_AT, true);
      const time = view.getBigUint64(at + TIME_AT, true);
      this.packets += 1;
      const packet: PacketRecord = {
        number: this.packets,
        seconds: Number(time / NANOSECONDS),
        nanoseconds: Number(time % NANOSECONDS),
        linkType: RAW_IP,
        interfaceId,
        way: view.getUint32(at + OUTGOING_AT, true) === 1 ? 'out' : 'in',
        bytes: new Uint8Array(records, at + RECORD_HEAD_BYTES, captured),
        wireLength: view.getUint32(at + WIRE_LENGTH_AT, true),
      };
      const dissected = this.dissector.dissect(packet);
      if (dissected === undefined) continue;
      const { way, observation } = standpoint(open, dissected.segment, packet.way!);
      const { name, observation: given = observation } = open.point;
      const place = { interfaceName: name, netns: open.netns, ...(given !== undefined && { observation: given }) };
      this.flows.add({ ...dissected, way }, packet, place);
    }
  }

  private addEvent(event: FlowEvent, packet: PacketRecord): void {
    const { flow } = event;
    const { policy = KEEP_PAYLOAD } = this.options;
    const memory = this.memories.get(flow) ?? {};
    this.memories.set(flow, memory);
    if (policy.asksProtocol) {
      const { payload, length: moved, direction } = event;
      const { transport } = flow;
      policy.learn(memory, { bytes: payload, from: 0, length: payload.length, moved, direction, transport });
      if (policy.leavesOut(memory)) {
        this.filtered += 1;
        return;
      }
    }
    if (this.builder.isFullFor(packet)) this.flush();
    this.builder.add(this.reduced(event, memory), packet);
    this.events += 1;
  }

  /** With what the payload policy leaves of it. The packet's memory is ours, so masking is done in place. */
  private reduced(event: FlowEvent, memory: StreamMemory): FlowEvent {
    const { flow, direction, length, payload, sequence } = event;
    const missing = flow.transport === 'tcp' ? missingBefore(memory, direction, sequence, length) : 0;
    if (payload.length === 0) return event;
    const { payloadLimit, policy = KEEP_PAYLOAD } = this.options;
    const kept = payload.subarray(0, policy.kept(Math.min(payload.length, payloadLimit), flow, direction, memory));
    policy.redactor?.apply(kept, 0, kept.length, memory, direction, length - kept.length, false, missing);
    return { ...event, payload: kept };
  }
}

/**
 * An end whose address the interface's namespace has is the end that the flow is told from: c or s. Where neither is, the
 * packet passes through this host (nd): out of an uplink it comes from the near end, but what comes in through a veth pair
 * comes from a container, which is the near end then.
 */
function standpoint({ addresses, isVeth }: OpenPoint, segment: Segment, way: 'in' | 'out'): Standpoint {
  const { frame, sourceAt, targetAt, size } = segment.addresses;
  const isOwn = (at: number) => addresses.has(Buffer.from(frame.subarray(at, at + size)).toString('hex'));
  const [source, target] = [isOwn(sourceAt), isOwn(targetAt)];
  if (source && target) return { way };
  if (source || target) return { way: source ? 'out' : 'in' };
  const other = way === 'out' ? 'in' : 'out';
  return { way: isVeth ? other : way, observation: 'nd' };
}
