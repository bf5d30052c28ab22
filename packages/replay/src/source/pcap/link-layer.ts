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
  const layer = withoutTags(frame, COOKED_BYTES, uint16(bytes, 14));
  return layer && { layer, ...wayOf(uint16(bytes, 0)) };
}

/** LINUX_SLL2: EtherType u16, reserved u16, interface u32, ARPHRD u16, packet type u8, address length u8, address 8. */
function linuxCooked2(frame: Layer): LinkPayload | undefined {
  const { bytes, end } = frame;
  if (end < COOKED2_BYTES) return undefined;
  const layer = withoutTags(frame, COOKED2_BYTES, uint16(bytes, 0));
  return layer && { layer, ...wayOf(bytes[10]!), interfaceIndex: uint32(bytes, 4) };
}

function wayOf(packetType: number): { way?: 'in' | 'out' } {
  if (packetType === COOKED_TO_US) return { way: 'in' };
  return packetType === COOKED_FROM_US ? { way: 'out' } : {};
}
