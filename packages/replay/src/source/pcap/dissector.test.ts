import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dissector } from './dissector';
import type { PacketRecord } from './packet-record';
import { A4, A6, B4, B6, type Bytes, bytes, etherFrame, ip4, ip6, tcp, u16, u32, udp } from './test-packets';

const packet = (frame: Uint8Array, linkType = 1, wireLength = frame.length, seconds = 1): PacketRecord => ({
  number: 1,
  seconds,
  nanoseconds: 0,
  linkType,
  interfaceId: 0,
  bytes: frame,
  wireLength,
});

const dissect = (frame: Uint8Array, linkType?: number, wireLength?: number) =>
  new Dissector().dissect(packet(frame, linkType, wireLength));

const DATA = tcp('data');
const V4 = ip4(6, DATA);
const V6 = ip6(6, DATA);
const INNER = etherFrame(0x0800, V4);
const cooked = (etherType: number, type: number, payload: Bytes) =>
  bytes(u16(type), u16(1), u16(6), new Uint8Array(8), u16(etherType), payload);
const cooked2 = (etherType: number, type: number, index: number, payload: Bytes) =>
  bytes(u16(etherType), u16(0), u32(index), u16(1), [type, 6], new Uint8Array(8), payload);
const overIp = (protocol: number, payload: Bytes) =>
  etherFrame(0x0800, ip4(protocol, payload, { source: [1, 1, 1, 1] }));
const gre = (flags: number, etherType: number, fields: Bytes, payload: Bytes) =>
  overIp(47, bytes(u16(flags), u16(etherType), fields, payload));
const tunnel = (to: number, head: Bytes, payload: Bytes) => overIp(17, udp(bytes(head, payload), { to }));

describe('down to the segment', () => {
  it.each<[string, Uint8Array, number]>([
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
  ])('%s', (_title, frame, linkType) => {
    const { segment } = dissect(frame, linkType)!;
    expect(segment).toMatchObject({ transport: 'tcp', sourcePort: 40_000, targetPort: 80, sequence: 1000, length: 4 });
    expect(segment.payload).toEqual(bytes('data'));
    const { frame: from, sourceAt, targetAt, size } = segment.addresses;
    const ends = [sourceAt, targetAt].map((at) => [...from.slice(at, at + size)]);
    expect(ends).toEqual(size === 4 ? [A4, B4] : [A6, B6]);
  });

  it('UDP, to its own length', () => {
    const frame = etherFrame(0x0800, ip4(17, bytes(udp('name?'), [0, 0, 0])));
    expect(dissect(frame)!.segment).toMatchObject({
      transport: 'udp',
      targetPort: 53,
      length: 5,
      payload: bytes('name?'),
    });
  });

  it('what was cut while capturing counts by its length on the wire', () => {
    const frame = etherFrame(0x0800, ip4(6, tcp('0123456789')));
    const { segment } = dissect(frame.slice(0, frame.length - 7), 1, frame.length)!;
    expect(segment).toMatchObject({ payload: bytes('012'), length: 10 });
    // A cut within the TCP options leaves nothing of the payload, but its place.
    const options = etherFrame(0x0800, ip4(6, tcp('0123456789', { options: new Uint8Array(12) })));
    expect(dissect(options.slice(0, 14 + 20 + 24), 1, options.length)!.segment).toMatchObject({
      length: 10,
      sequence: 1000,
    });
    expect(dissect(options.slice(0, 14 + 20 + 24), 1, options.length)!.segment.payload).toHaveLength(0);
  });

  it.each([
    ['to this host', cooked(0x0800, 0, V4), 113, { way: 'in' }],
    ['from this host', cooked(0x0800, 4, V4), 113, { way: 'out' }],
    ['to others', cooked(0x0800, 3, V4), 113, {}],
    ['version 2 with the interface', cooked2(0x0800, 4, 9, V4), 276, { way: 'out', interfaceIndex: 9 }],
  ])('Linux cooked tells the way: %s', (_title, frame, linkType, expected) => {
    const { segment, ...rest } = dissect(frame, linkType)!;
    expect(rest).toEqual(expected);
  });

  it('a datagram on a tunnel port that is no tunnel is a datagram', () => {
    for (const to of [4789, 6081]) {
      const { segment } = dissect(overIp(17, udp('\xff plain', { to })))!;
      expect(segment).toMatchObject({ transport: 'udp', targetPort: to });
    }
  });
});

describe('nothing that a stream could use', () => {
  it.each<[string, Uint8Array, number]>([
    ['ARP', etherFrame(0x0806, new Uint8Array(28)), 1],
    ['ICMP', etherFrame(0x0800, ip4(1, new Uint8Array(16))), 1],
    ['802.3 with a length', etherFrame(38, new Uint8Array(38)), 1],
    ['IPv4 whose header is longer than the packet', etherFrame(0x0800, ip4(6, DATA, { total: 10 })), 1],
    ['a TCP header longer than the packet', etherFrame(0x0800, ip4(6, DATA, { total: 30 })), 1],
    ['a UDP length beyond the packet', etherFrame(0x0800, ip4(17, udp('x', { length: 99 }))), 1],
    ['a UDP length below its header', etherFrame(0x0800, ip4(17, udp('x', { length: 7 }))), 1],
    ['GRE version 1', gre(1, 0x880b, new Uint8Array(8), V4), 1],
    ['IPv6 without a next header', etherFrame(0x86dd, ip6(59, DATA)), 1],
    ['more extension headers than any packet has', etherFrame(0x86dd, ip6(0, new Uint8Array(400))), 1],
    ['more tunnels than anyone builds', etherFrame(0x0800, nest(12)), 1],
  ])('%s', (_title, frame, linkType) => {
    expect(dissect(frame, linkType)).toBeUndefined();
  });

  function nest(depth: number): Uint8Array {
    return depth === 0 ? V4 : ip4(4, nest(depth - 1));
  }

  it('an unknown link type is noted', () => {
    const dissector = new Dissector();
    expect(dissector.dissect(packet(INNER, 105))).toBeUndefined();
    expect(dissector.dissect(packet(new Uint8Array(3), 1))).toBeUndefined();
    expect([...dissector.unknownLinkTypes]).toEqual([105]);
  });
});

describe('fragments', () => {
  const whole = udp('abcdefghijklmnopqrstuvwxyz0123456789');
  const part4 = (from: number, to: number, id = 1) =>
    etherFrame(0x0800, ip4(17, whole.slice(from, to), { id, fragment: (from / 8) | (to < whole.length ? 0x2000 : 0) }));
  const part6 = (from: number, to: number) =>
    etherFrame(0x86dd, ip6(44, bytes([17, 0], u16(from | (to < whole.length ? 1 : 0)), u32(7), whole.slice(from, to))));
  const payload = whole.slice(8);

  it.each([
    ['in order', [part4(0, 16), part4(16, 32), part4(32, 44)]],
    ['in any order', [part4(32, 44), part4(0, 16), part4(16, 32)]],
    ['repeated and overlapping', [part4(16, 32), part4(0, 16), part4(0, 16), part4(8, 32), part4(24, 44)]],
    ['of IPv6', [part6(16, 44), part6(0, 16)]],
  ])('come together: %s', (_title, frames) => {
    const dissector = new Dissector();
    const results = frames.map((frame) => dissector.dissect(packet(frame)));
    expect(results.slice(0, -1)).toEqual(new Array(frames.length - 1).fill(undefined));
    expect(results.at(-1)!.segment).toMatchObject({ transport: 'udp', length: 36, payload });
  });

  it('of different datagrams do not mix', () => {
    const dissector = new Dissector();
    for (const frame of [part4(0, 16), part4(16, 32, 2)]) expect(dissector.dissect(packet(frame))).toBeUndefined();
    expect(dissector.dissect(packet(part4(32, 44)))).toBeUndefined();
  });

  it('end where a captured piece is cut', () => {
    const dissector = new Dissector();
    const first = part4(0, 24);
    dissector.dissect(packet(first.slice(0, first.length - 4), 1, first.length));
    expect(dissector.dissect(packet(part4(24, 44)))!.segment).toMatchObject({
      length: 36,
      payload: payload.slice(0, 12),
    });
  });

  it('are forgotten when the rest does not come in time', () => {
    const dissector = new Dissector();
    dissector.dissect(packet(part4(0, 16), 1, undefined, 1));
    expect(dissector.dissect(packet(part4(16, 44), 1, undefined, 40))).toBeUndefined();
  });

  it('in any order and overlap give the same datagram', () => {
    const cuts = [0, 8, 16, 24, 32, 40, 44];
    const pair = fc.tuple(fc.nat(5), fc.nat(5)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 12 }), (pairs) => {
        const dissector = new Dissector();
        const pieces = [...pairs.map(([a, b]) => part4(cuts[a]!, cuts[b]!)), part4(0, 24), part4(24, 44)];
        const found = pieces.map((frame) => dissector.dissect(packet(frame))).filter((each) => each !== undefined);
        expect(found.length).toBeGreaterThan(0);
        for (const { segment } of found) expect(segment.payload).toEqual(payload);
      }),
    );
  });
});

describe('whatever comes', () => {
  const frames = [
    INNER,
    etherFrame(0x86dd, V6),
    tunnel(4789, [8, 0, 0, 0, 0, 0, 42, 0], INNER),
    gre(0xb000, 0x88be, new Uint8Array(20), INNER),
  ];

  it('no frame makes it throw, and no payload lies outside of its frame', () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc
        .tuple(fc.constantFrom(...frames), fc.array(fc.tuple(fc.nat(99), fc.nat(255)), { maxLength: 5 }), fc.nat(99))
        .map(([base, changes, cut]) => {
          const copy = base.slice(0, base.length - (cut % base.length));
          for (const [at, value] of changes) copy[at % copy.length] = value;
          return copy;
        }),
    );
    const linkType = fc.constantFrom(0, 1, 12, 101, 108, 113, 276, 999);
    fc.assert(
      fc.property(fc.array(fc.tuple(frame, linkType), { maxLength: 8 }), (sequence) => {
        const dissector = new Dissector();
        for (const [each, link] of sequence) {
          const segment = dissector.dissect(packet(each, link))?.segment;
          if (segment === undefined) continue;
          expect(segment.length).toBeGreaterThanOrEqual(segment.payload.length);
          expect(segment.length).toBeLessThanOrEqual(65_535 + 200);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
