import { uint16 } from './byte-order';
import { type EtherLayer, EtherType, type Layer } from './layer';
import { ethernet, mpls } from './link-layer';

/** Ports that raise a candidate; the header then has to fit. 8472 is Linux's VXLAN from before the assignment. */
const VXLAN_PORTS = [4789, 8472];
const GENEVE_PORT = 6081;

const VXLAN_BYTES = 8;
const GENEVE_BYTES = 8;
const ERSPAN2_BYTES = 8;
const ERSPAN3_BYTES = 12;
const ERSPAN3_PLATFORM_BYTES = 8;

const Gre = { bytes: 4, checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, version: 7 } as const;

/** What a datagram of a tunnel carries. `undefined` = it is none. */
export function udpTunnel(payload: Layer, targetPort: number): EtherLayer | undefined {
  if (VXLAN_PORTS.includes(targetPort)) return vxlan(payload);
  return targetPort === GENEVE_PORT ? geneve(payload) : undefined;
}

/** VXLAN (RFC 7348): flags u8 (08: the network's number is valid), reserved 3, network u24, reserved u8, Ethernet. */
function vxlan(layer: Layer): EtherLayer | undefined {
  const { bytes, at, end } = layer;
  if (end - at < VXLAN_BYTES || (bytes[at]! & 0x08) === 0 || bytes[at + 7] !== 0) return undefined;
  return ethernet({ ...layer, at: at + VXLAN_BYTES });
}

/** Geneve (RFC 8926): version 2 bits, option words 6 bits, flags u8, EtherType u16, network u24, reserved u8, options. */
function geneve(layer: Layer): EtherLayer | undefined {
  const { bytes, at, end } = layer;
  if (end - at < GENEVE_BYTES || bytes[at]! >> 6 !== 0) return undefined;
  return inner(layer, at + GENEVE_BYTES + (bytes[at]! & 63) * 4, uint16(bytes, at + 2));
}

/**
 * GRE (RFC 2784, 2890): flags and version u16, EtherType u16, then as the flags say: checksum and reserved 4, key 4,
 * sequence 4. Version 1 carries PPP, and source routes are long gone: neither is read.
 */
export function gre(layer: Layer): EtherLayer | undefined {
  const { bytes, at, end } = layer;
  if (end - at < Gre.bytes) return undefined;
  const flags = uint16(bytes, at);
  if ((flags & Gre.version) !== 0 || (flags & Gre.routing) !== 0) return undefined;
  const etherType = uint16(bytes, at + 2);
  let start = at + Gre.bytes;
  for (const field of [Gre.checksum, Gre.key, Gre.sequence]) if ((flags & field) !== 0) start += 4;
  // Mirrored frames (draft-foschiano-erspan): type II has a head and a sequence number, type I neither.
  if (etherType === EtherType.erspan2) {
    return mirrored(layer, (flags & Gre.sequence) === 0 ? start : start + ERSPAN2_BYTES);
  }
  if (etherType === EtherType.erspan3) return erspan3(layer, start);
  return inner(layer, start, etherType);
}

/** Type III: … and in its last bit whether eight more bytes follow. */
function erspan3(layer: Layer, at: number): EtherLayer | undefined {
  if (layer.end - at < ERSPAN3_BYTES) return undefined;
  const platform = (layer.bytes[at + ERSPAN3_BYTES - 1]! & 1) !== 0;
  return mirrored(layer, at + ERSPAN3_BYTES + (platform ? ERSPAN3_PLATFORM_BYTES : 0));
}

function mirrored(layer: Layer, at: number): EtherLayer | undefined {
  return at > layer.end ? undefined : ethernet({ ...layer, at });
}

function inner(layer: Layer, at: number, etherType: number): EtherLayer | undefined {
  if (at > layer.end) return undefined;
  if (etherType === EtherType.ethernetBridging) return ethernet({ ...layer, at });
  if (etherType === EtherType.mplsUnicast) return mpls({ ...layer, at });
  return etherType === EtherType.ipv4 || etherType === EtherType.ipv6 ? { ...layer, at, etherType } : undefined;
}
