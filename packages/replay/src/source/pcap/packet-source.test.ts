import { Direction, EventKind, type Message, type Span } from '@causeway/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../format/capture-problem';
import type { CaptureItem } from '../../format/capture-reader';
import { CaptureWriter } from '../../format/capture-writer';
import { readEvent } from '../../format/read-event';
import { createReplay } from '../../loop/replay';
import { PacketNumbers } from '../../report/packet-numbers';
import { joinBytes } from '../../testing/sample-capture';
import { readAnySource } from '../any-source';
import { PacketSource } from './packet-source';
import {
  A4,
  B4,
  bytes,
  etherFrame,
  type Frame,
  ip4,
  pcapFile,
  pcapngBlocks,
  type TcpParts,
  tcp,
  u16,
  udp,
} from './test-packets';

const CLIENT = 40_000;
const SERVER = 80;
const GET = 'GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nann';

/** A frame from the client (10.0.0.1:40000) or the server (10.0.0.2:80). */
const toServer = (payload: string, parts: TcpParts = {}): Frame => ({
  frame: etherFrame(0x0800, ip4(6, tcp(payload, { from: CLIENT, to: SERVER, ...parts }))),
});
const toClient = (payload: string, parts: TcpParts = {}): Frame => ({
  frame: etherFrame(0x0800, ip4(6, tcp(payload, { from: SERVER, to: CLIENT, ...parts }), { source: B4, target: A4 })),
});

const HANDSHAKE = [
  toServer('', { seq: 999, flags: 'S' }),
  toClient('', { seq: 4999, flags: 'SA' }),
  toServer('', { seq: 1000 }),
];
const EXCHANGE = [toServer(GET, { seq: 1000 }), toClient(OK, { seq: 5000 })];
const AFTER_GET = 1000 + GET.length;
const AFTER_OK = 5000 + OK.length;
const GOODBYE = [
  toServer('', { seq: AFTER_GET, flags: 'FA' }),
  toClient('', { seq: AFTER_OK, flags: 'FA' }),
  toServer('', { seq: AFTER_GET + 1 }),
];

function itemsOf(file: Uint8Array, chunk = file.length): CaptureItem[] {
  const source = new PacketSource('test.pcap');
  const items: CaptureItem[] = [];
  for (let at = 0; at < file.length; at += chunk) items.push(...source.push(file.slice(at, at + chunk)));
  items.push(...source.end());
  return items;
}

function replay(items: readonly CaptureItem[]) {
  const messages: Message[] = [];
  const spans: Span[] = [];
  const numbers = new PacketNumbers();
  const loop = createReplay({ onMessage: (each) => messages.push(each), onSpan: (each) => spans.push(each) });
  for (const item of items) {
    if (item.kind === 'events') numbers.add(item.block);
    loop.push(item);
  }
  loop.end();
  const outline = messages.map(
    ({ type, fields, truncated, events }) =>
      `${numbers.of(events[0]!)} ${type} ${fields.resource ?? fields.statusCode}${truncated ? ' …' : ''}`,
  );
  return { messages, spans, outline, coverage: loop.coverage() };
}

const run = (frames: readonly Frame[], options?: Parameters<typeof pcapFile>[1]) =>
  replay(itemsOf(pcapFile(frames, options)));

function events(frames: readonly Frame[]): string[] {
  const names = Object.fromEntries(Object.entries(EventKind).map(([name, kind]) => [kind, name]));
  return itemsOf(pcapFile(frames)).flatMap((item) =>
    item.kind === 'events'
      ? Array.from({ length: item.block.count }, (_, i) => {
          const { kind, direction, result, detail } = readEvent(item.block, i);
          const arrow = direction === Direction.egress ? '>' : direction === Direction.ingress ? '<' : '-';
          return `${detail} ${names[kind]} ${arrow} ${result}`;
        })
      : [],
  );
}

describe('a connection', () => {
  it('begins, moves and ends', () => {
    expect(events([...HANDSHAKE, ...EXCHANGE, ...GOODBYE])).toEqual([
      '1 connect > 0',
      '2 accept < 0',
      `4 data > ${GET.length}`,
      `5 data < ${OK.length}`,
      '7 data < 0',
      '8 close - 0',
    ]);
  });

  it('becomes a net span, with packet numbers for its messages', () => {
    const { outline, spans, messages } = run([...HANDSHAKE, ...EXCHANGE, ...GOODBYE]);
    expect(outline).toEqual(['4 request /a', '5 response 200']);
    expect(messages[0]).toMatchObject({ role: 'client', tcpSeq: 1000, length: GET.length });
    expect(spans).toEqual([
      expect.objectContaining({
        type: 'net',
        tapSide: 'c',
        interfaceName: 'test.pcap',
        protocol: 'http',
        messageType: 'session',
        src: { address: '10.0.0.1', port: CLIENT },
        dst: { address: '10.0.0.2', port: SERVER },
        tcpSeqRequest: 1000,
        tcpSeqResponse: 5000,
        // Frames are a millisecond apart.
        end: spans[0]!.start + 1e6,
      }),
    ]);
    expect(spans[0]).toMatchObject({ pid: undefined, systraceIdRequest: undefined });
  });

  it.each<[string, readonly Frame[], readonly string[]]>([
    ['sent again', [...HANDSHAKE, ...EXCHANGE, ...EXCHANGE], ['4 request /a', '5 response 200']],
    [
      'out of order, the first segment last',
      [
        ...HANDSHAKE,
        toServer(GET.slice(20), { seq: 1020 }),
        toServer(GET.slice(10, 20), { seq: 1010 }),
        toServer(GET.slice(0, 10), { seq: 1000 }),
        EXCHANGE[1]!,
      ],
      ['6 request /a', '7 response 200'],
    ],
    [
      'overlapping',
      [...HANDSHAKE, toServer(GET.slice(0, 20), { seq: 1000 }), toServer(GET.slice(9), { seq: 1009 }), EXCHANGE[1]!],
      ['4 request /a', '6 response 200'],
    ],
    [
      'across the wrap of the sequence',
      [
        toServer(GET.slice(0, 12), { seq: 0xffff_fffa }),
        toServer(GET.slice(12), { seq: 6 }),
        toClient(OK.slice(0, 9), { seq: 0xffff_fff7 }),
        toClient(OK.slice(9), { seq: 0 }),
      ],
      ['1 request /a', '3 response 200'],
    ],
    ['seen from its middle', EXCHANGE, ['1 request /a', '2 response 200']],
    [
      'with data in the SYN',
      [toServer(GET, { seq: 999, flags: 'S' }), HANDSHAKE[1]!, EXCHANGE[1]!],
      ['1 request /a', '3 response 200'],
    ],
    ['late after its end', [...HANDSHAKE, ...EXCHANGE, ...GOODBYE, ...EXCHANGE], ['4 request /a', '5 response 200']],
    [
      'retransmitted after the FIN overtook it',
      [...HANDSHAKE, EXCHANGE[0]!, GOODBYE[1]!, EXCHANGE[1]!, GOODBYE[0]!],
      ['4 request /a', '6 response 200'],
    ],
    [
      'then another one between the same ports',
      [
        ...HANDSHAKE,
        ...EXCHANGE,
        toServer('', { seq: 700_000, flags: 'S' }),
        toServer(GET, { seq: 700_001 }),
        toClient(OK, { seq: 900_000 }),
      ],
      ['4 request /a', '5 response 200', '7 request /a', '8 response 200'],
    ],
    ['reset', [...HANDSHAKE, EXCHANGE[0]!, toClient('', { seq: 5000, flags: 'R' })], ['4 request /a']],
  ])('%s', (_title, frames, expected) => {
    expect(run(frames).outline).toEqual(expected);
  });

  it.each<[string, readonly Frame[], string]>([
    ['a reset', [...HANDSHAKE, EXCHANGE[0]!, toClient('', { seq: 5000, flags: 'R' })], 'connection-closed'],
    ['the end of the file', [...HANDSHAKE, EXCHANGE[0]!], 'still-open'],
    [
      'both FINs, the last ACK lost',
      [...HANDSHAKE, EXCHANGE[0]!, GOODBYE[0]!, toClient('', { seq: 5000, flags: 'FA' })],
      'connection-closed',
    ],
  ])('says why a response is missing: %s', (_title, frames, incomplete) => {
    expect(run(frames).spans).toMatchObject([{ incomplete }]);
  });

  it('waits a retransmission out, though time passes', () => {
    const rest = toServer(GET.slice(20), { seq: 1020 });
    const missing = { ...toServer(GET.slice(10, 20), { seq: 1010 }), time: 3e9 };
    const frames = [
      ...HANDSHAKE,
      toServer(GET.slice(0, 10), { seq: 1000 }),
      rest,
      missing,
      { ...EXCHANGE[1]!, time: 3.1e9 },
    ];
    expect(run(frames).outline).toEqual(['4 request /a', '7 response 200']);
  });

  it('whose payload was cut is cut, and goes on behind it', () => {
    const long = `HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${'x'.repeat(100)}`;
    const frame = toClient(long, { seq: 5000 }).frame;
    const { outline, coverage } = run([
      ...HANDSHAKE,
      EXCHANGE[0]!,
      { frame: frame.slice(0, frame.length - 80), wireLength: frame.length },
      toServer(GET, { seq: AFTER_GET }),
      toClient(OK, { seq: 5000 + long.length }),
    ]);
    expect(outline).toEqual(['4 request /a', '5 response 200 …', '6 request /a', '7 response 200']);
    expect(coverage.lostBytes).toBe(0);
  });

  it('is told from the host that captured it, where the file says which one that is', () => {
    const cooked = (type: number, { frame }: Frame) => ({
      frame: bytes(u16(type), new Uint8Array(12), frame.slice(12)),
    });
    const { spans, messages } = run(
      [...HANDSHAKE, ...EXCHANGE].map((each, i) => cooked([0, 4, 0, 0, 4][i]!, each)),
      { linkType: 113 },
    );
    expect(messages.map(({ direction }) => direction)).toEqual([Direction.ingress, Direction.egress]);
    expect(spans).toMatchObject([{ tapSide: 's', dst: { port: SERVER } }]);
  });

  it('on two interfaces is two', () => {
    const { section, interface: face, enhanced, option } = pcapngBlocks(true);
    const file = bytes(
      section(),
      face(1, [option(2, bytes('eth0'))]),
      face(1, [option(2, bytes('veth7'))]),
      ...EXCHANGE.flatMap(({ frame }, i) => [0, 1].map((id) => enhanced(id, BigInt(i * 10 + id), frame))),
    );
    expect(replay(itemsOf(file)).spans).toMatchObject([{ interfaceName: 'eth0' }, { interfaceName: 'veth7' }]);
  });

  it('gives the round trip of its handshake', () => {
    const rtts = itemsOf(pcapFile([...HANDSHAKE, ...EXCHANGE])).flatMap((item) =>
      item.kind === 'events' ? [...item.block.rtt] : [],
    );
    expect(rtts).toEqual([0, 0, 2000, 2000]);
  });
});

it('datagrams are told from whoever has the higher port', () => {
  const name = bytes([3], 'one', [4], 'test', [0, 0, 1, 0, 1]);
  const ask = bytes([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], name);
  const answer = bytes([0, 7, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0], name);
  const { outline, spans } = run([
    { frame: etherFrame(0x0800, ip4(17, udp(ask))) },
    { frame: etherFrame(0x0800, ip4(17, udp(answer, { from: 53, to: 40_000 }), { source: B4, target: A4 })) },
  ]);
  expect(outline).toEqual(['1 request one.test', '2 response one.test']);
  expect(spans).toMatchObject([{ type: 'net', protocol: 'dns', src: { port: 40_000 }, dst: { port: 53 } }]);
});

describe('as a capture', () => {
  const file = pcapFile([...HANDSHAKE, ...EXCHANGE, ...GOODBYE]);

  it('written and read again it says the same', async () => {
    const pieces: Uint8Array[] = [];
    const writer = new CaptureWriter((piece) => pieces.push(piece));
    for (const item of itemsOf(file)) {
      if (item.kind === 'header') writer.writeHeader(item.header);
      if (item.kind === 'events') writer.writeEvents(item.block.raw);
    }
    writer.end();
    const items: CaptureItem[] = [];
    for await (const item of readAnySource([joinBytes(pieces)])) items.push(item);
    expect(items.filter(({ kind }) => kind === 'damage')).toEqual([]);
    expect(replay(items)).toEqual(replay(itemsOf(file)));
  });

  it('any chunking gives the same items', () => {
    const whole = itemsOf(file);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: file.length }), (chunk) => {
        expect(itemsOf(file, chunk)).toEqual(whole);
      }),
    );
  });

  it('is recognised by its first bytes, however they arrive', async () => {
    const kinds: string[] = [];
    for await (const { kind } of readAnySource([file.slice(0, 3), file.slice(3, 5), file.slice(5)])) kinds.push(kind);
    expect(kinds).toEqual(['header', 'events']);
  });

  it('closes more connections at its end than a block holds', () => {
    const frames = Array.from({ length: 9000 }, (_, i) => [
      toServer('', { seq: 1, flags: 'FA', from: 1024 + i }),
      toServer('x', { seq: 0, from: 1024 + i }),
      toClient('x', { seq: 0, flags: 'FA', to: 1024 + i }),
      toServer('', { seq: 1, flags: 'FA', from: 1024 + i }),
    ]).flat();
    const blocks = itemsOf(pcapFile(frames)).filter((item) => item.kind === 'events');
    const closes = blocks
      .flatMap((item) => (item.kind === 'events' ? [...item.block.kind] : []))
      .filter((kind) => kind === EventKind.close);
    expect(closes).toHaveLength(9000);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['cut', file.slice(0, -3), /^The capture is cut: it ends at byte \d+, within the frame that begins at byte \d+\./],
    [
      'of a link type that is not read',
      pcapFile(EXCHANGE, { linkType: 105 }),
      /^Frames of link type 105 were left out/,
    ],
    [
      'damaged',
      bytes(file, new Array(16).fill(0xff)),
      /^The capture is damaged: bytes \d+ to \d+ were left out: the record of packet 9/,
    ],
  ])('says so when it is %s', (_title, bad, sentence) => {
    const items = itemsOf(bad);
    expect(items[0]!.kind).toBe('header');
    const problems = items.flatMap((item) => (item.kind === 'damage' ? [describeProblem(item.problem)] : []));
    expect(problems).toEqual([expect.stringMatching(sentence)]);
  });

  it('no order, loss or repetition of packets makes it throw', () => {
    const frames = [
      ...HANDSHAKE,
      ...EXCHANGE,
      ...GOODBYE,
      toClient('', { flags: 'R' }),
      toServer('zz', { seq: 0, flags: 'SFA' }),
    ];
    const times = fc.option(fc.nat(2 ** 40), { nil: undefined });
    const pick = fc
      .tuple(fc.constantFrom(...frames), times)
      .map(([frame, time]) => ({ ...frame, ...(time !== undefined && { time }) }));
    fc.assert(
      fc.property(fc.array(pick, { maxLength: 40 }), (picked) => {
        const { spans, messages } = run(picked);
        expect(messages.length).toBeLessThanOrEqual(picked.length);
        for (const { start, end } of spans) expect(end).toBeGreaterThanOrEqual(start);
      }),
      { numRuns: 500 },
    );
  });
});
