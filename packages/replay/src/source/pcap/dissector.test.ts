import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dissector } from './dissector';
import type { PacketRecord } from './packet-record';
import { cooked, cooked2, DATA, gre, INNER, overIp, SEGMENT_FRAMES, tunnel, V4, V6 } from './test-frames';
import { A4, A6, B4, B6, bytes, etherFrame, ip4, ip6, tcp, u16, u32, udp } from './test-packets';

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

describe('down to the segment', () => {
  it.each(SEGMENT_FRAMES)('%s', (_title, frame, linkType) => {
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

/** A label, a control word, and an Ethernet head that announces MPLS again. */
const PSEUDOWIRE = bytes([0, 1, 1, 64], u32(0), new Uint8Array(12), u16(0x8847));

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
    ['MPLS without a last label', etherFrame(0x8847, new Uint8Array(40)), 1],
    ['MPLS nested in Ethernet without end', etherFrame(0x8847, bytes(...new Array(9000).fill(PSEUDOWIRE))), 1],
    ['PPPoE discovery', etherFrame(0x8864, bytes([0x11, 9, 0, 0, 0, 4], new Uint8Array(4))), 1],
    ['PPP that is no IP', etherFrame(0x8864, bytes([0x11, 0, 0, 1, 0, 6], u16(0xc021), new Uint8Array(4))), 1],
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
