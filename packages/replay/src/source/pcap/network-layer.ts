import { uint16, uint32 } from './byte-order';
import type { Layer } from './layer';

/** https://www.iana.org/assignments/protocol-numbers */
export const IpProtocol = {
  hopByHop: 0,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  authentication: 51,
  destination: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
} as const;

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const FRAGMENT_BYTES = 8;
/** Extension headers that a packet may stack up before it is given up. */
const MAX_EXTENSIONS = 16;

/** Which part of a datagram a fragment is. */
export interface FragmentPart {
  readonly id: number;
  /** In bytes. */
  readonly offset: number;
  readonly more: boolean;
}

/** Where the two addresses of a packet stand. No views: making them would cost more than all else that is done to a packet. */
export interface Addresses {
  readonly frame: Uint8Array;
  readonly sourceAt: number;
  readonly targetAt: number;
  readonly size: 4 | 16;
}

/** What an IP packet carries. */
export interface IpPayload extends Layer {
  readonly protocol: number;
  readonly addresses: Addresses;
  readonly part?: FragmentPart | undefined;
}

/**
 * IPv4 (RFC 791): version and header length in words u8, service u8, total length u16, id u16, flags and fragment offset
 * u16, time to live u8, protocol u8, checksum u16, source 4, target 4, options.
 */
export function ipv4(layer: Layer): IpPayload | undefined {
  const { bytes, at, end, wireEnd } = layer;
  if (end - at < IPV4_BYTES || bytes[at]! >> 4 !== 4) return undefined;
  const headerLength = (bytes[at]! & 15) * 4;
  const totalLength = uint16(bytes, at + 2);
  // A network card that cuts segments itself lets a capture see 0 here.
  const packetEnd = totalLength === 0 ? wireEnd : at + totalLength;
  if (headerLength < IPV4_BYTES || packetEnd < at + headerLength) return undefined;
  const fragment = uint16(bytes, at + 6);
  const offset = (fragment & 0x1fff) * 8;
  const more = (fragment & 0x2000) !== 0;
  const capturedEnd = Math.min(end, packetEnd);
  // Written out, as spreading objects takes longer than all the rest.
  const payload: IpPayload = {
    bytes,
    at: Math.min(at + headerLength, capturedEnd),
    end: capturedEnd,
    wireEnd: packetEnd,
    protocol: bytes[at + 9]!,
    addresses: { frame: bytes, sourceAt: at + 12, targetAt: at + 16, size: 4 },
    part: more || offset > 0 ? { id: uint16(bytes, at + 4), offset, more } : undefined,
  };
  return payload.part === undefined ? withoutAuthentication(payload) : payload;
}

/**
 * IPv6 (RFC 8200): version, class and flow u32, payload length u16, next header u8, hop limit u8, source 16, target 16.
 * Extension headers: next header u8, length u8, …
 */
export function ipv6(layer: Layer): IpPayload | undefined {
  const { bytes, at, end, wireEnd } = layer;
  if (end - at < IPV6_BYTES || bytes[at]! >> 4 !== 6) return undefined;
  const payloadLength = uint16(bytes, at + 4);
  // 0 with a jumbo payload option, and where the network card cuts.
  const packetEnd = payloadLength === 0 ? wireEnd : at + IPV6_BYTES + payloadLength;
  const addresses = { frame: bytes, sourceAt: at + 8, targetAt: at + 24, size: 16 } as const;
  let header = bounded(layer, at + IPV6_BYTES, packetEnd);
  let protocol = bytes[at + 6]!;
  for (let i = 0; i < MAX_EXTENSIONS; i++) {
    if (protocol === IpProtocol.fragment) {
      if (header.end - header.at < FRAGMENT_BYTES) return undefined;
      const [next, from] = [bytes[header.at]!, header.at];
      const field = uint16(bytes, from + 2);
      const part = { id: uint32(bytes, from + 4), offset: field & 0xfff8, more: (field & 1) !== 0 };
      header = { ...header, at: from + FRAGMENT_BYTES };
      // An atomic fragment (RFC 6946) is a whole datagram.
      if (part.more || part.offset > 0) return { ...header, addresses, protocol: next, part };
      protocol = next;
      continue;
    }
    if (!isExtension(protocol)) return { ...header, addresses, protocol };
    const next = behindExtension(header, protocol);
    if (next === undefined) return undefined;
    [protocol, header] = [bytes[header.at]!, next];
  }
  return undefined;
}

/** A reassembled IPv6 datagram may begin with extension headers, an IPv4 one with an authentication header. */
export function withoutExtensions(payload: IpPayload): IpPayload | undefined {
  let current = payload;
  for (let i = 0; i < MAX_EXTENSIONS && isExtension(current.protocol); i++) {
    const next = behindExtension(current, current.protocol);
    if (next === undefined) return undefined;
    current = { ...current, at: next.at, protocol: current.bytes[current.at]! };
  }
  return current;
}

function withoutAuthentication(payload: IpPayload): IpPayload | undefined {
  return payload.protocol === IpProtocol.authentication ? withoutExtensions(payload) : payload;
}

function isExtension(protocol: number): boolean {
  return (
    protocol === IpProtocol.hopByHop ||
    protocol === IpProtocol.routing ||
    protocol === IpProtocol.destination ||
    protocol === IpProtocol.authentication ||
    protocol === IpProtocol.mobility ||
    protocol === IpProtocol.hip ||
    protocol === IpProtocol.shim6
  );
}

function behindExtension(header: Layer, protocol: number): Layer | undefined {
  if (header.end - header.at < 2) return undefined;
  const length = header.bytes[header.at + 1]!;
  // The authentication header (RFC 4302) counts words of four, the others of eight.
  const at = header.at + (protocol === IpProtocol.authentication ? (length + 2) * 4 : (length + 1) * 8);
  return at > header.end ? undefined : { ...header, at };
}

/** From `at` to the packet's own end: what is behind it pads the frame. */
function bounded({ bytes, end }: Layer, at: number, packetEnd: number): Layer {
  const capturedEnd = Math.min(end, packetEnd);
  return { bytes, at: Math.min(at, capturedEnd), end: capturedEnd, wireEnd: Math.max(packetEnd, capturedEnd) };
}
