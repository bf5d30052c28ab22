import type { HostId, Nanoseconds, SocketId } from '../base/brand';
import { blockFromEvents } from '../event/block-from-events';
import {
  type CaptureEvent,
  Direction,
  type EventBlock,
  EventFlag,
  EventKind,
  type SocketInfo,
  SyscallAbi,
} from '../event/event-block';

/** For tests only: TCP and UDP over IPv4 or IPv6 in Ethernet, loopback, Linux cooked and raw captures, VLAN tags included. */
interface Packet {
  readonly time: number;
  readonly data: DataView;
  readonly linkType: number;
}

function* pcapPackets(view: DataView): Generator<Packet> {
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d || magic === 0xa1b2cd34;
  const nano = view.getUint32(0, little) === 0xa1b23c4d;
  const linkType = view.getUint32(20, little) & 0xffff;
  // A variant of old has eight more bytes in each record's head.
  const head = view.getUint32(0, little) === 0xa1b2cd34 ? 24 : 16;
  for (let at = 24; at + head <= view.byteLength; ) {
    const length = view.getUint32(at + 8, little);
    const time = view.getUint32(at, little) * 1e9 + view.getUint32(at + 4, little) * (nano ? 1 : 1000);
    yield { time, data: new DataView(view.buffer, view.byteOffset + at + head, length), linkType };
    at += head + length;
  }
}

function* pcapngPackets(view: DataView): Generator<Packet> {
  const little = view.getUint32(8, true) === 0x1a2b3c4d;
  let linkType = 1;
  for (let at = 0; at + 12 <= view.byteLength; ) {
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    if (length < 12) return;
    if (type === 1) linkType = view.getUint16(at + 8, little);
    if (type === 6) {
      const time = (view.getUint32(at + 12, little) * 2 ** 32 + view.getUint32(at + 16, little)) * 1000;
      const captured = view.getUint32(at + 20, little);
      yield { time, data: new DataView(view.buffer, view.byteOffset + at + 28, captured), linkType };
    }
    at += length;
  }
}

/** Where the IP packet begins, −1 if there is none. */
function ipStart({ data, linkType }: Packet): number {
  if (linkType === 0) return 4;
  if (linkType === 101 || linkType === 12) return 0;
  if (linkType === 113) return 16;
  let at = 12;
  while (data.getUint16(at) === 0x8100 || data.getUint16(at) === 0x88a8) at += 4;
  const type = data.getUint16(at);
  return type === 0x0800 || type === 0x86dd ? at + 2 : -1;
}

interface Segment {
  readonly source: string;
  readonly target: string;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly transport: 'tcp' | 'udp';
  readonly sequence: number;
  readonly payload: Uint8Array;
}

function segmentOf(packet: Packet): Segment | undefined {
  const ip = ipStart(packet);
  if (ip < 0) return undefined;
  const { data } = packet;
  const version = data.getUint8(ip) >> 4;
  const header = version === 4 ? (data.getUint8(ip) & 15) * 4 : 40;
  const protocol = data.getUint8(ip + (version === 4 ? 9 : 6));
  const total = version === 4 ? data.getUint16(ip + 2) : data.getUint16(ip + 4) + 40;
  if (protocol !== 6 && protocol !== 17) return undefined;
  const at = ip + header;
  const start = protocol === 6 ? at + (data.getUint8(at + 12) >> 4) * 4 : at + 8;
  const end = Math.min(ip + total, data.byteLength);
  const [from, size] = version === 4 ? [ip + 12, 4] : [ip + 8, 16];
  const address = (offset: number) =>
    Array.from({ length: size }, (_, i) => data.getUint8(offset + i)).join(version === 4 ? '.' : ':');
  return {
    source: address(from),
    target: address(from + size),
    sourcePort: data.getUint16(at),
    targetPort: data.getUint16(at + 2),
    transport: protocol === 6 ? 'tcp' : 'udp',
    sequence: protocol === 6 ? data.getUint32(at + 4) : 0,
    payload: new Uint8Array(data.buffer, data.byteOffset + start, Math.max(end - start, 0)),
  };
}

/** The packets with payload as calls of the host that the first packet of each connection was sent to. `ordinal` is the frame's number. */
export function blockFromPcap(file: Uint8Array): EventBlock {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const packets = view.getUint32(0) === 0x0a0d0d0a ? pcapngPackets(view) : pcapPackets(view);
  const sockets = new Map<string, SocketInfo>();
  const events: CaptureEvent[] = [];
  const thread = { pid: 1, tid: 1, comm: 'packets' };
  let origin: number | undefined;
  for (const packet of packets) {
    const segment = segmentOf(packet);
    if (segment === undefined || segment.payload.length === 0) continue;
    origin ??= packet.time;
    const time = (packet.time - origin) as Nanoseconds;
    const name = `${segment.source} ${segment.sourcePort} ${segment.target} ${segment.targetPort}`;
    const reverse = `${segment.target} ${segment.targetPort} ${segment.source} ${segment.sourcePort}`;
    const direction = sockets.has(reverse) ? Direction.egress : Direction.ingress;
    const key = direction === Direction.egress ? reverse : name;
    let socket = sockets.get(key);
    if (socket === undefined) {
      socket = {
        id: key as SocketId,
        transport: segment.transport,
        local: { address: segment.target, port: segment.targetPort },
        remote: { address: segment.source, port: segment.sourcePort },
        inode: 0,
        netns: 0,
        role: 'unknown',
        preexisting: false,
      };
      sockets.set(key, socket);
    }
    events.push({
      ordinal: events.length,
      kind: EventKind.data,
      enter: time,
      exit: time,
      abi: SyscallAbi.none,
      direction,
      flags: segment.transport === 'tcp' ? EventFlag.tcpSeq : 0,
      thread,
      socket,
      fd: 0,
      result: segment.payload.length,
      tcpSeqEnter: segment.sequence,
      tcpSeqExit: (segment.sequence + segment.payload.length) >>> 0,
      detail: 0,
      payload: segment.payload,
    });
  }
  return blockFromEvents('packets' as HostId, events);
}
