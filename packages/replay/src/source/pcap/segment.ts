import { uint16, uint32 } from './byte-order';
import type { Addresses, IpPayload } from './network-layer';

export const TcpFlag = { fin: 0x01, syn: 0x02, reset: 0x04, ack: 0x10 } as const;

const TCP_BYTES = 20;
const UDP_BYTES = 8;
const NOTHING = new Uint8Array(0);

interface SegmentBase {
  readonly addresses: Addresses;
  readonly sourcePort: number;
  readonly targetPort: number;
  /** What was captured of the payload. */
  readonly payload: Uint8Array;
  /** The payload's length on the wire. */
  readonly length: number;
}

export interface TcpSegment extends SegmentBase {
  readonly transport: 'tcp';
  readonly sequence: number;
  /** Meaningful with TcpFlag.ack. */
  readonly acknowledgment: number;
  /** As on the wire, not scaled. */
  readonly window: number;
  /** TcpFlag bits. */
  readonly flags: number;
}

export interface UdpDatagram extends SegmentBase {
  readonly transport: 'udp';
}

/** What of a packet matters to a stream. */
export type Segment = TcpSegment | UdpDatagram;

/**
 * TCP (RFC 9293): ports 2 × u16, sequence u32, acknowledgment u32, header words u4, reserved u4, flags u8, window u16,
 * checksum u16, urgent u16, options.
 */
export function tcpSegment({ bytes, at, end, wireEnd, addresses }: IpPayload): TcpSegment | undefined {
  if (end - at < TCP_BYTES) return undefined;
  const start = at + (bytes[at + 12]! >> 4) * 4;
  if (start < at + TCP_BYTES || start > wireEnd) return undefined;
  return {
    transport: 'tcp',
    addresses,
    sourcePort: uint16(bytes, at),
    targetPort: uint16(bytes, at + 2),
    sequence: uint32(bytes, at + 4),
    acknowledgment: uint32(bytes, at + 8),
    window: uint16(bytes, at + 14),
    flags: bytes[at + 13]!,
    payload: start < end ? bytes.subarray(start, end) : NOTHING,
    length: wireEnd - start,
  };
}

/** UDP (RFC 768): ports 2 × u16, length u16 (0 in a jumbogram), checksum u16. */
export function udpDatagram({ bytes, at, end, wireEnd, addresses }: IpPayload): UdpDatagram | undefined {
  if (end - at < UDP_BYTES) return undefined;
  const claimed = uint16(bytes, at + 4);
  const datagramEnd = claimed === 0 ? wireEnd : at + claimed;
  if (datagramEnd < at + UDP_BYTES || datagramEnd > wireEnd) return undefined;
  return {
    transport: 'udp',
    addresses,
    sourcePort: uint16(bytes, at),
    targetPort: uint16(bytes, at + 2),
    payload: bytes.subarray(at + UDP_BYTES, Math.min(end, datagramEnd)),
    length: datagramEnd - at - UDP_BYTES,
  };
}
