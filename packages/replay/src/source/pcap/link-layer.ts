import { uint16, uint32 } from './byte-order';
import { type EtherLayer, EtherType, type Layer } from './layer';
import type { PacketRecord } from './packet-record';

/** https://www.tcpdump.org/linktypes.html; several numbers stand for raw IP, as systems differ. */
const LinkType = {
  null: 0,
  ethernet: 1,
  rawIp: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;
const DLT_RAW = [12, 14];

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const LOOPBACK_BYTES = 4;
const PPPOE_BYTES = 8;
const MPLS_LABEL_BYTES = 4;
/** https://www.iana.org/assignments/ppp-numbers */
const PppProtocol = { ipv4: 0x0021, ipv6: 0x0057, mpls: 0x0281 } as const;
const COOKED_BYTES = 16;
const COOKED2_BYTES = 20;
/** Packet types of Linux: to this host, and from it. */
const COOKED_TO_US = 0;
const COOKED_FROM_US = 4;

export interface LinkPayload {
  readonly layer: EtherLayer;
  readonly way?: 'in' | 'out';
  /** Linux's number of the interface, where the link layer tells it. */
  readonly interfaceIndex?: number;
}

export function isKnownLinkType(linkType: number): boolean {
  return (Object.values(LinkType) as number[]).includes(linkType) || DLT_RAW.includes(linkType);
}

/** What the frame carries. `undefined` = the link type is not known, or the frame is too short. */
export function linkPayload({ linkType, bytes, wireLength }: PacketRecord): LinkPayload | undefined {
  const frame = { bytes, at: 0, end: bytes.length, wireEnd: wireLength };
  switch (linkType) {
    case LinkType.ethernet:
      return wrap(ethernet(frame));
    case LinkType.null:
    case LinkType.loop:
      // The address family differs between systems, and so does its byte order: the IP version says the same.
      return wrap(rawIp({ ...frame, at: LOOPBACK_BYTES }));
    case LinkType.linuxCooked:
      return linuxCooked(frame);
    case LinkType.linuxCooked2:
      return linuxCooked2(frame);
    case LinkType.rawIp:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return wrap(rawIp(frame));
    default:
      return DLT_RAW.includes(linkType) ? wrap(rawIp(frame)) : undefined;
  }
}

function wrap(layer: EtherLayer | undefined): LinkPayload | undefined {
  return layer && { layer };
}

/** Ethernet II: destination 6, source 6, EtherType u16. A length in its place (802.3) carries no IP that we read. */
export function ethernet(layer: Layer): EtherLayer | undefined {
  return carried(bareEthernet(layer));
}

function bareEthernet(layer: Layer): EtherLayer | undefined {
  const { bytes, at, end } = layer;
  if (end - at < ETHERNET_BYTES) return undefined;
  return withoutTags(layer, at + ETHERNET_BYTES, uint16(bytes, at + 12));
}

/** VLAN and QinQ tags: tag control u16, then the EtherType of what follows. */
function withoutTags({ bytes, end, wireEnd }: Layer, start: number, type: number): EtherLayer | undefined {
  let at = start;
  let etherType = type;
  while (etherType === EtherType.vlan || etherType === EtherType.serviceVlan || etherType === EtherType.oldQinq) {
    if (end - at < VLAN_BYTES) return undefined;
    etherType = uint16(bytes, at + 2);
    at += VLAN_BYTES;
  }
  return { bytes, at, end, wireEnd, etherType };
}

/** What may stand between the link layer and IP. */
function carried(layer: EtherLayer | undefined): EtherLayer | undefined {
  if (layer === undefined) return undefined;
  const { etherType } = layer;
  if (etherType === EtherType.mplsUnicast || etherType === EtherType.mplsMulticast) return mpls(layer);
  return etherType === EtherType.pppoeSession ? pppoe(layer) : layer;
}

/**
 * PPPoE session (RFC 2516): version and type u8 (0x11), code u8 (0), session u16, length u16; then PPP (RFC 1661): protocol
 * u16. A protocol in one byte, which both ends would have to agree on, is not read.
 */
function pppoe({ bytes, at, end, wireEnd }: Layer): EtherLayer | undefined {
  if (end - at < PPPOE_BYTES || bytes[at] !== 0x11 || bytes[at + 1] !== 0) return undefined;
  const protocol = uint16(bytes, at + 6);
  const inner = { bytes, at: at + PPPOE_BYTES, end, wireEnd };
  if (protocol === PppProtocol.ipv4) return { ...inner, etherType: EtherType.ipv4 };
  if (protocol === PppProtocol.ipv6) return { ...inner, etherType: EtherType.ipv6 };
  return protocol === PppProtocol.mpls ? mpls(inner) : undefined;
}

/**
 * MPLS (RFC 3032): labels of four bytes, the last one marked. What they carry is not named: IP tells by its version, and
 * a zero may begin the control word (RFC 4448) of an Ethernet frame.
 */
export function mpls({ bytes, at, end, wireEnd }: Layer): EtherLayer | undefined {
  let start = at;
  for (let last = false; !last; start += MPLS_LABEL_BYTES) {
    if (end - start < MPLS_LABEL_BYTES) return undefined;
    last = (bytes[start + 2]! & 1) !== 0;
  }
  const inner = { bytes, at: start, end, wireEnd };
  if (end - start >= MPLS_LABEL_BYTES && uint32(bytes, start) === 0) {
    // Labels within are not followed: a frame could be nothing but such layers.
    return bareEthernet({ ...inner, at: start + MPLS_LABEL_BYTES });
  }
  return rawIp(inner);
}

function rawIp({ bytes, at, end, wireEnd }: Layer): EtherLayer | undefined {
  if (end <= at) return undefined;
  const version = bytes[at]! >> 4;
  if (version !== 4 && version !== 6) return undefined;
  return { bytes, at, end, wireEnd, etherType: version === 4 ? EtherType.ipv4 : EtherType.ipv6 };
}

/** LINUX_SLL: packet type u16, ARPHRD u16, address length u16, address 8, EtherType u16. */
function linuxCooked(frame: Layer): LinkPayload | undefined {
  const { bytes, end } = frame;
  if (end < COOKED_BYTES) return undefined;
  const layer = carried(withoutTags(frame, COOKED_BYTES, uint16(bytes, 14)));
  return layer && { layer, ...wayOf(uint16(bytes, 0)) };
}

/** LINUX_SLL2: EtherType u16, reserved u16, interface u32, ARPHRD u16, packet type u8, address length u8, address 8. */
function linuxCooked2(frame: Layer): LinkPayload | undefined {
  const { bytes, end } = frame;
  if (end < COOKED2_BYTES) return undefined;
  const layer = carried(withoutTags(frame, COOKED2_BYTES, uint16(bytes, 0)));
  return layer && { layer, ...wayOf(bytes[10]!), interfaceIndex: uint32(bytes, 4) };
}

function wayOf(packetType: number): { way?: 'in' | 'out' } {
  if (packetType === COOKED_TO_US) return { way: 'in' };
  return packetType === COOKED_FROM_US ? { way: 'out' } : {};
}
