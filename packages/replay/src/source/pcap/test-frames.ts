import { type Bytes, bytes, etherFrame, ip4, ip6, tcp, u16, u32, udp } from './test-packets';

/** For tests only: one TCP segment with the payload `data`, in all that may be around it. */

export const DATA = tcp('data');
export const V4 = ip4(6, DATA);
export const V6 = ip6(6, DATA);
export const INNER = etherFrame(0x0800, V4);
export const cooked = (etherType: number, type: number, payload: Bytes) =>
  bytes(u16(type), u16(1), u16(6), new Uint8Array(8), u16(etherType), payload);
export const cooked2 = (etherType: number, type: number, index: number, payload: Bytes) =>
  bytes(u16(etherType), u16(0), u32(index), u16(1), [type, 6], new Uint8Array(8), payload);
export const overIp = (protocol: number, payload: Bytes) =>
  etherFrame(0x0800, ip4(protocol, payload, { source: [1, 1, 1, 1] }));
export const gre = (flags: number, etherType: number, fields: Bytes, payload: Bytes) =>
  overIp(47, bytes(u16(flags), u16(etherType), fields, payload));
export const tunnel = (to: number, head: Bytes, payload: Bytes) => overIp(17, udp(bytes(head, payload), { to }));

/** Title, frame, link type. */
export const SEGMENT_FRAMES: readonly (readonly [string, Uint8Array, number])[] = [
  ['Ethernet, IPv4', INNER, 1],
  ['Ethernet, IPv6', etherFrame(0x86dd, V6), 1],
  ['a VLAN tag', etherFrame(0x0800, V4, [0x8100, 7]), 1],
  ['QinQ', etherFrame(0x0800, V4, [0x88a8, 7], [0x8100, 8]), 1],
  ['QinQ of the old kind', etherFrame(0x86dd, V6, [0x9100, 7], [0x8100, 8]), 1],
  ['null, little endian', bytes([2, 0, 0, 0], V4), 0],
  ['null, big endian', bytes([0, 0, 0, 2], V4), 0],
  ['null, IPv6 of macOS', bytes([30, 0, 0, 0], V6), 0],
  ['loopback of OpenBSD', bytes([0, 0, 0, 24], V6), 108],
  ['raw IPv4', V4, 101],
  ['raw IPv6', V6, 101],
  ['raw IP by its number on Linux', V4, 12],
  ['raw IP by its number on OpenBSD', V6, 14],
  ['LINKTYPE_IPV4', V4, 228],
  ['LINKTYPE_IPV6', V6, 229],
  ['Linux cooked', cooked(0x0800, 0, V4), 113],
  ['Linux cooked with a VLAN tag', cooked(0x8100, 0, bytes(u16(5), u16(0x0800), V4)), 113],
  ['Linux cooked, version 2', cooked2(0x86dd, 0, 3, V6), 276],
  ['IPv4 options', etherFrame(0x0800, ip4(6, DATA, { options: [1, 1, 1, 1, 1, 1, 1, 0] })), 1],
  ['TCP options', etherFrame(0x0800, ip4(6, tcp('data', { options: [1, 1, 1, 0] }))), 1],
  ['IPv4 total length 0, from a card that cuts', etherFrame(0x0800, ip4(6, DATA, { total: 0 })), 1],
  ['IPv6 payload length 0, a jumbogram', etherFrame(0x86dd, ip6(6, DATA, { length: 0 })), 1],
  ['hop-by-hop options', etherFrame(0x86dd, ip6(0, bytes([6, 0, 1, 4, 0, 0, 0, 0], DATA))), 1],
  [
    'routing and destination options',
    etherFrame(0x86dd, ip6(43, bytes([60, 1], new Uint8Array(14), [6, 0, 1, 4, 0, 0, 0, 0], DATA))),
    1,
  ],
  ['an atomic fragment', etherFrame(0x86dd, ip6(44, bytes([6, 0, 0, 0, 0, 0, 0, 1], DATA))), 1],
  ['an authentication header, IPv6', etherFrame(0x86dd, ip6(51, bytes([6, 4], new Uint8Array(22), DATA))), 1],
  ['an authentication header, IPv4', etherFrame(0x0800, ip4(51, bytes([6, 4], new Uint8Array(22), DATA))), 1],
  ['IPv4 in IPv4', overIp(4, V4), 1],
  ['IPv6 in IPv4', overIp(41, V6), 1],
  ['IPv4 in IPv6', etherFrame(0x86dd, ip6(4, V4)), 1],
  ['GRE', gre(0, 0x0800, [], V4), 1],
  ['GRE with checksum, key and sequence', gre(0xb000, 0x86dd, new Uint8Array(12), V6), 1],
  ['GRE with Ethernet', gre(0x2000, 0x6558, [0, 0, 0, 1], INNER), 1],
  ['ERSPAN I', gre(0, 0x88be, [], INNER), 1],
  ['ERSPAN II', gre(0x1000, 0x88be, new Uint8Array(4 + 8), INNER), 1],
  ['ERSPAN III', gre(0x1000, 0x22eb, new Uint8Array(4 + 12), INNER), 1],
  [
    'ERSPAN III with a platform header',
    gre(0x1000, 0x22eb, bytes(new Uint8Array(15), [1], new Uint8Array(8)), INNER),
    1,
  ],
  ['VXLAN', tunnel(4789, [8, 0, 0, 0, 0, 0, 42, 0], INNER), 1],
  ['VXLAN on the old port of Linux', tunnel(8472, [8, 0, 0, 0, 0, 0, 42, 0], INNER), 1],
  ['Geneve with Ethernet', tunnel(6081, [0, 0, 0x65, 0x58, 0, 0, 1, 0], INNER), 1],
  ['Geneve with options and IPv6', tunnel(6081, [2, 0, 0x86, 0xdd, 0, 0, 1, 0, 0, 1, 2, 1, 0, 0, 0, 0], V6), 1],
  ['VXLAN with a VLAN tag within', tunnel(4789, [8, 0, 0, 0, 0, 0, 1, 0], etherFrame(0x0800, V4, [0x8100, 3])), 1],
  ['GRE in VXLAN', tunnel(4789, [8, 0, 0, 0, 0, 0, 1, 0], gre(0, 0x0800, [], V4)), 1],
  ['Ethernet padding, which is no payload', bytes(INNER, [0, 0, 0, 0, 0, 0]), 1],
  ['Ethernet padding behind IPv6', bytes(etherFrame(0x86dd, V6), [9, 9, 9]), 1],
  ['PPPoE, IPv4', etherFrame(0x8864, bytes([0x11, 0, 0, 1], u16(2 + V4.length), u16(0x0021), V4)), 1],
  [
    'PPPoE, IPv6, with a VLAN tag and padding',
    etherFrame(0x8864, bytes([0x11, 0, 0, 1], u16(2 + V6.length), u16(0x0057), V6, [0, 0]), [0x8100, 7]),
    1,
  ],
  ['MPLS, one label', etherFrame(0x8847, bytes([0, 1, 1, 64], V4)), 1],
  ['MPLS, three labels, IPv6', etherFrame(0x8847, bytes([0, 1, 0, 64], [0, 2, 0, 64], [0, 3, 1, 64], V6)), 1],
  ['MPLS, multicast, behind a VLAN tag', etherFrame(0x8848, bytes([0, 1, 1, 64], V4), [0x8100, 7]), 1],
  ['MPLS with Ethernet and a control word', etherFrame(0x8847, bytes([0, 1, 1, 64], [0, 0, 0, 0], INNER)), 1],
  ['MPLS in GRE', gre(0, 0x8847, [], bytes([0, 1, 1, 64], V4)), 1],
  [
    'PPPoE in VXLAN',
    tunnel(
      4789,
      [8, 0, 0, 0, 0, 0, 1, 0],
      etherFrame(0x8864, bytes([0x11, 0, 0, 1], u16(2 + V4.length), u16(0x0021), V4)),
    ),
    1,
  ],
  ['Linux cooked with MPLS', cooked(0x8847, 0, bytes([0, 1, 1, 64], V4)), 113],
];
