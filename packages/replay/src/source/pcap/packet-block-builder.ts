import { EventFlag, EventKind } from '@causeway/core';
import {
  COLUMN_BYTES,
  EVENT_COLUMNS,
  type EventColumn,
  SOCKET_COLUMNS,
  type SocketColumn,
  SocketFamily,
  SocketTransport,
  StoredObservation,
} from '../../format/event-columns';
import type { RawEventBlock } from '../../format/payloads';
import type { Flow } from './flow';
import type { FlowEvent } from './flow-table';
import type { PacketRecord } from './packet-record';

/** A block is closed when it holds this many events, or this much payload. */
const FULL_EVENTS = 8192;
const FULL_PAYLOAD_BYTES = 4 * 1024 * 1024;
const FIRST_PAYLOAD_BYTES = 64 * 1024;
/** Enough for a full block and the packet that filled it: whole buffers are given away, so they are no larger than need be. */
const ENOUGH_PAYLOAD_BYTES = FULL_PAYLOAD_BYTES + FIRST_PAYLOAD_BYTES;
/** Offsets are doubles, exact up to 2^53; what lies further from the block's first packet begins another. */
const MAX_OFFSET = 2 ** 52;

/** Result of the close that a packet with RST makes. */
const ECONNRESET = 104;

type Views = Record<EventColumn, DataView>;

/** Puts what packets tell into event blocks of the stored layout. */
export class PacketBlockBuilder {
  /** Payloads of which a part was not captured, since the builder was made. */
  truncatedPayloads = 0;
  /** Events of the block begun. */
  count = 0;

  private readonly columns = makeColumns();
  private payload = new Uint8Array(FIRST_PAYLOAD_BYTES);
  private payloadBytes = 0;
  private block = 0;
  private baseSeconds = 0;
  private baseNanoseconds = 0;
  /** Doubles from the start: what is a small integer at first, and later is not, undoes what was compiled for it. */
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;
  private flows: Flow[] = [];
  private strings: string[] = [];

  /** Whether the block begun has to be taken before this packet's events are added. */
  isFullFor({ seconds, nanoseconds }: PacketRecord): boolean {
    if (this.count === 0) return false;
    if (this.count === FULL_EVENTS || this.payloadBytes >= FULL_PAYLOAD_BYTES) return true;
    return Math.abs((seconds - this.baseSeconds) * 1e9 + nanoseconds - this.baseNanoseconds) > MAX_OFFSET;
  }

  add({ kind, direction, flow, sequence, length, payload, flags, reset }: FlowEvent, packet: PacketRecord): void {
    const { columns, count: row } = this;
    if (row === 0) {
      this.baseSeconds = packet.seconds;
      this.baseNanoseconds = packet.nanoseconds;
      this.least = Number.POSITIVE_INFINITY;
      this.most = Number.NEGATIVE_INFINITY;
    }
    const time = (packet.seconds - this.baseSeconds) * 1e9 + packet.nanoseconds - this.baseNanoseconds;
    if (time < this.least) this.least = time;
    if (time > this.most) this.most = time;
    const isTcp = flow.transport === 'tcp' && kind !== EventKind.close;
    columns.kind.setUint8(row, kind);
    columns.enter.setFloat64(8 * row, time, true);
    columns.exit.setFloat64(8 * row, time, true);
    columns.direction.setUint8(row, direction);
    columns.flags.setUint16(2 * row, EventFlag.packet | flags | (isTcp ? EventFlag.tcpSeq : 0), true);
    columns.thread.setUint32(4 * row, this.interfaceRow(flow.place.interfaceName), true);
    columns.socket.setUint32(4 * row, this.flowRow(flow), true);
    columns.fd.setInt32(4 * row, -1, true);
    columns.result.setFloat64(8 * row, reset ? -ECONNRESET : length, true);
    columns.tcpSeqEnter.setUint32(4 * row, sequence, true);
    columns.tcpSeqExit.setUint32(4 * row, isTcp ? (sequence + length) >>> 0 : 0, true);
    columns.rtt.setUint32(4 * row, flow.roundTrip, true);
    columns.detail.setUint32(4 * row, packet.number, true);
    columns.payloadLength.setUint32(4 * row, payload.length, true);
    if (payload.length > 0) this.addPayload(payload);
    if (payload.length < length) this.truncatedPayloads += 1;
    this.count = row + 1;
  }

  /** The block begun; its memory is its own. */
  take(): RawEventBlock {
    const { count } = this;
    const base = BigInt(this.baseSeconds) * 1_000_000_000n + BigInt(this.baseNanoseconds);
    const names = Object.keys(EVENT_COLUMNS) as EventColumn[];
    const taken: RawEventBlock = {
      count,
      base,
      firstTime: base + BigInt(this.least),
      lastTime: base + BigInt(this.most),
      columns: Object.fromEntries(
        names.map((name) => [
          name,
          new Uint8Array(this.columns[name].buffer.slice(0, count * COLUMN_BYTES[EVENT_COLUMNS[name]])),
        ]),
      ),
      sockets: socketTable(this.flows),
      threads: interfaceTable(this.strings.length),
      strings: this.strings,
      // Given away: a copy would cost as much as all that is done to a packet.
      payload: this.payload.subarray(0, this.payloadBytes),
    };
    this.payload = new Uint8Array(this.payload.length);
    this.count = 0;
    this.payloadBytes = 0;
    this.block += 1;
    this.flows = [];
    this.strings = [];
    return taken;
  }

  private addPayload(bytes: Uint8Array): void {
    const needed = this.payloadBytes + bytes.length;
    if (needed > this.payload.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(2 * this.payload.length, ENOUGH_PAYLOAD_BYTES)));
      grown.set(this.payload.subarray(0, this.payloadBytes));
      this.payload = grown;
    }
    this.payload.set(bytes, this.payloadBytes);
    this.payloadBytes = needed;
  }

  private interfaceRow(name: string): number {
    const known = this.strings.indexOf(name);
    return known >= 0 ? known : this.strings.push(name) - 1;
  }

  private flowRow(flow: Flow): number {
    if (flow.block !== this.block) {
      flow.block = this.block;
      flow.row = this.flows.push(flow) - 1;
    }
    return flow.row;
  }
}

function makeColumns(): Views {
  const views = Object.entries(EVENT_COLUMNS).map(([name, type]) => [
    name,
    new DataView(new ArrayBuffer(FULL_EVENTS * COLUMN_BYTES[type])),
  ]);
  return Object.fromEntries(views) as Views;
}

function socketTable(flows: readonly Flow[]): Record<string, Uint8Array> {
  const names = Object.keys(SOCKET_COLUMNS) as SocketColumn[];
  const table = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(flows.length * COLUMN_BYTES[SOCKET_COLUMNS[name]])]),
  ) as Record<SocketColumn, Uint8Array>;
  const [id, netns, localPort, remotePort] = [table.id, table.netns, table.localPort, table.remotePort].map(
    (column) => new DataView(column.buffer),
  ) as [DataView, DataView, DataView, DataView];
  for (const [row, flow] of flows.entries()) {
    id.setUint32(8 * row, flow.id, true);
    table.family[row] = flow.localAddress.length === 4 ? SocketFamily.v4 : SocketFamily.v6;
    table.transport[row] = SocketTransport[flow.transport];
    table.role[row] = flow.role;
    table.preexisting[row] = flow.preexisting ? 1 : 0;
    netns.setUint32(4 * row, flow.place.netns ?? 0, true);
    table.observation[row] = flow.place.observation === undefined ? 0 : StoredObservation[flow.place.observation];
    table.localAddress.set(flow.localAddress, 16 * row);
    table.remoteAddress.set(flow.remoteAddress, 16 * row);
    localPort.setUint16(2 * row, flow.localPort, true);
    remotePort.setUint16(2 * row, flow.remotePort, true);
  }
  return table;
}

/** An interface stands where a thread does, with process 0; its name is the string of the same index. */
function interfaceTable(count: number): Record<string, Uint8Array> {
  const comm = new DataView(new ArrayBuffer(4 * count));
  for (let row = 0; row < count; row++) comm.setUint32(4 * row, row, true);
  return { pid: new Uint8Array(4 * count), tid: new Uint8Array(4 * count), comm: new Uint8Array(comm.buffer) };
}
