import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PacketFileEnd, PacketFileReader } from './packet-file-reader';
import { MAX_PACKET_BYTES, type PacketRecord } from './packet-record';
import { bytes, pcapFile, pcapngBlocks } from './test-packets';

function read(file: Uint8Array, cuts: readonly number[] = []): { packets: PacketRecord[]; end: PacketFileEnd } {
  const reader = new PacketFileReader();
  const packets: PacketRecord[] = [];
  const ends = [...new Set(cuts.map((cut) => cut % (file.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...ends, file.length]) {
    reader.push(file.slice(from, to), (packet) => packets.push(packet));
    from = to;
  }
  return { packets, end: reader.end() };
}

const FRAMES = [
  { frame: bytes('first'), time: 1_700_000_000_123_456_800 },
  { frame: bytes('second!'), time: 1_700_000_001_000_000_000, wireLength: 900 },
];

describe('pcap', () => {
  it.each([
    ['microseconds, little endian', 0xa1b2c3d4, true],
    ['microseconds, big endian', 0xa1b2c3d4, false],
    ['nanoseconds, little endian', 0xa1b23c4d, true],
    ['nanoseconds, big endian', 0xa1b23c4d, false],
    ['the modified magic with longer heads, little endian', 0xa1b2cd34, true],
    ['the modified magic with longer heads, big endian', 0xa1b2cd34, false],
  ])('%s', (_title, magic, little) => {
    const { packets, end } = read(pcapFile(FRAMES, { magic, little, linkType: 113 }));
    expect(end).toEqual({ kind: 'whole' });
    expect(packets).toMatchObject([
      { number: 1, seconds: 1_700_000_000, linkType: 113, wireLength: 5, bytes: bytes('first') },
      { number: 2, seconds: 1_700_000_001, nanoseconds: 0, wireLength: 900, bytes: bytes('second!') },
    ]);
    // Doubles hold the time of the test's frame to 256 ns.
    expect(Math.floor(packets[0]!.nanoseconds / 1000)).toBe(123_456);
  });

  it('leaves flags and frame check length out of the link type', () => {
    const file = pcapFile(FRAMES, { linkType: 0x5400_0001 });
    expect(read(file).packets[0]!.linkType).toBe(1);
  });

  it('without packets is whole, and empty', () => {
    expect(read(pcapFile([]))).toEqual({ packets: [], end: { kind: 'whole' } });
  });

  it('says where a cut record begins', () => {
    const file = pcapFile(FRAMES);
    for (const cut of [1, 7, 16, 22]) {
      const { packets, end } = read(file.slice(0, file.length - cut));
      expect(packets).toHaveLength(1);
      expect(end).toEqual({ kind: 'truncated', from: 24 + 16 + 5, to: file.length - cut });
    }
  });

  it('stops at a length that cannot be', () => {
    const file = pcapFile(FRAMES);
    new DataView(file.buffer).setUint32(24 + 16 + 5 + 8, MAX_PACKET_BYTES + 1, true);
    const { packets, end } = read(file);
    expect(packets).toHaveLength(1);
    expect(end).toMatchObject({ kind: 'corrupt', from: 45, to: file.length, detail: /packet 2 claims 1048577 bytes/ });
  });
});

describe('pcapng', () => {
  const MICROS = 1_700_000_000_123_456n;

  it.each([
    ['little endian', true],
    ['big endian', false],
  ])('%s: packets of several interfaces, each with its unit of time', (_title, little) => {
    const { section, interface: face, enhanced, simple, option, block, o32 } = pcapngBlocks(little);
    const file = bytes(
      section(),
      face(1, [option(2, bytes('eth0'))]),
      face(276, [option(9, [9]), option(14, little ? [...o32(3), ...o32(0)] : [...o32(0), ...o32(3)])]),
      face(101, [option(9, [0x80 | 10])]),
      enhanced(0, MICROS, bytes('a'), [option(2, o32(2)), option(0, [])], 99),
      block(5, new Uint8Array(40)),
      enhanced(1, MICROS * 1000n + 789n, bytes('bb')),
      enhanced(2, (1_700_000_000n << 10n) | 512n, bytes('ccc')),
      block(0x0bad, new Uint8Array(8)),
      simple(bytes('dddd')),
    );
    const { packets, end } = read(file);
    expect(end).toEqual({ kind: 'whole' });
    expect(packets).toEqual([
      {
        number: 1,
        seconds: 1_700_000_000,
        nanoseconds: 123_456_000,
        linkType: 1,
        interfaceId: 0,
        interfaceName: 'eth0',
        way: 'out',
        bytes: bytes('a'),
        wireLength: 99,
      },
      {
        number: 2,
        seconds: 1_700_000_003,
        nanoseconds: 123_456_789,
        linkType: 276,
        interfaceId: 1,
        bytes: bytes('bb'),
        wireLength: 2,
      },
      {
        number: 3,
        seconds: 1_700_000_000,
        nanoseconds: 500_000_000,
        linkType: 101,
        interfaceId: 2,
        bytes: bytes('ccc'),
        wireLength: 3,
      },
      {
        number: 4,
        seconds: 0,
        nanoseconds: 0,
        linkType: 1,
        interfaceId: 0,
        interfaceName: 'eth0',
        bytes: bytes('dddd'),
        wireLength: 4,
      },
    ]);
  });

  it('takes a second section in the other byte order, with interfaces of its own', () => {
    const sections = [true, false].map((little) => {
      const { section, interface: face, enhanced } = pcapngBlocks(little);
      return bytes(section(), face(1), enhanced(0, MICROS, bytes('x')));
    });
    const { packets, end } = read(bytes(...sections));
    expect(end).toEqual({ kind: 'whole' });
    expect(packets.map(({ number, interfaceId }) => [number, interfaceId])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  const { section, interface: face, enhanced, block, o32 } = pcapngBlocks(true);
  const badLengths = block(6, new Uint8Array(20));
  new DataView(badLengths.buffer).setUint32(badLengths.length - 4, 12, true);
  it.each([
    ['an interface that is not described', enhanced(7, 0n, bytes('x')), /packet 1 is of interface 7/],
    ['two lengths that differ', badLengths, /the two lengths of a block differ/],
    ['a length below the least', bytes(o32(6), o32(8), o32(8)), /a block claims 8 bytes/],
    ['a length that is no multiple of four', bytes(o32(6), o32(33), o32(33)), /a block claims 33 bytes/],
    ['a length beyond all measure', bytes(o32(6), o32(0x7ffffffc), o32(0)), /type 6 claims 2147483644 bytes/],
    ['more packet than block', block(6, o32(0), o32(0), o32(0), o32(50), o32(50)), /packet 1 is longer than its block/],
  ])('stops at %s', (_title, bad, detail) => {
    const { packets, end } = read(bytes(section(), face(1), bad));
    expect(packets).toEqual([]);
    expect(end).toMatchObject({ kind: 'corrupt', detail });
  });

  it('passes over a long unknown block without keeping it', () => {
    const file = bytes(
      section(),
      face(1),
      block(0x0bad, new Uint8Array(2 * MAX_PACKET_BYTES)),
      enhanced(0, 1n, bytes('x')),
    );
    expect(read(file, [100, 5000, 2 * MAX_PACKET_BYTES])).toMatchObject({
      packets: [{ number: 1 }],
      end: { kind: 'whole' },
    });
    expect(read(file.slice(0, 5000)).end).toMatchObject({ kind: 'truncated' });
  });
});

describe('whatever comes', () => {
  const { section, interface: face, enhanced, simple } = pcapngBlocks(true);
  const files = [
    pcapFile(FRAMES),
    pcapFile(FRAMES, { little: false, magic: 0xa1b2cd34 }),
    bytes(section(), face(1), enhanced(0, 5n, bytes('one')), simple(bytes('two')), enhanced(0, 9n, bytes('three'))),
  ];

  it('any chunking gives the same packets', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(fc.nat(400), { maxLength: 12 }), (file, cuts) => {
        expect(read(file, cuts)).toEqual(read(file));
      }),
    );
  });

  it('bytes that were changed, cut or made up give packets or a problem, never an error', () => {
    const changed = fc
      .tuple(fc.constantFrom(...files), fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 6 }), fc.nat(300))
      .map(([file, changes, cut]) => {
        const copy = file.slice(0, Math.max(4, file.length - (cut % file.length)));
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    const random = fc
      .tuple(fc.constantFrom(...files), fc.uint8Array({ maxLength: 200 }))
      .map(([file, rest]) => bytes(file.slice(0, 24), rest));
    fc.assert(
      fc.property(fc.oneof(changed, random), fc.array(fc.nat(400), { maxLength: 5 }), (file, cuts) => {
        const once = read(file);
        for (const { bytes: captured, wireLength } of once.packets) {
          expect(captured.length).toBeLessThanOrEqual(Math.min(file.length, wireLength));
        }
        expect(read(file, cuts)).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });
});
