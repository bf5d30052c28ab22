import type { Message, NetSpan } from '@causeway/core';
import { expect, it } from 'vitest';
import { createReplay } from '../../loop/replay';
import { PacketSource } from './packet-source';
import { A4, B4, etherFrame, type Frame, ip4, pcapFile, type TcpParts, tcp } from './test-packets';

const REQUEST = `POST /a HTTP/1.1\r\nContent-Length: 6\r\n\r\nabcdef`;
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const C = 1001;
const S = 9001;

/** Time in milliseconds, who sends, and what. */
type Step = readonly [number, '>' | '<', string, (TcpParts & { readonly flags?: string })?];

function frames(steps: readonly Step[]): Frame[] {
  return steps.map(([milliseconds, side, payload, parts]) => {
    const out = side === '>';
    const segment = tcp(payload, { from: out ? 40_000 : 80, to: out ? 80 : 40_000, ...parts });
    const packet = out ? ip4(6, segment) : ip4(6, segment, { source: B4, target: A4 });
    return { frame: etherFrame(0x0800, packet), time: 2e9 + milliseconds * 1e6 };
  });
}

const HANDSHAKE: readonly Step[] = [
  [0, '>', '', { seq: C - 1, flags: 'S' }],
  [2, '<', '', { seq: S - 1, ack: C, flags: 'SA' }],
  [2, '>', '', { seq: C, ack: S }],
];
const part = (from: number, to: number) => REQUEST.slice(from, to);
const END = C + REQUEST.length;
const answer = (at: number): Step => [at, '<', RESPONSE, { seq: S, ack: END }];

function replayed(steps: readonly Step[]): { spans: NetSpan[]; messages: Message[]; lostBytes: number } {
  const spans: NetSpan[] = [];
  const messages: Message[] = [];
  const replay = createReplay({
    onSpan: (span) => spans.push(span as NetSpan),
    onMessage: (message) => messages.push(message),
  });
  const source = new PacketSource();
  for (const items of [() => source.push(pcapFile(frames([...HANDSHAKE, ...steps]))), () => source.end()]) {
    for (const item of items()) replay.push(item);
  }
  replay.end();
  return { spans, messages, lostBytes: replay.coverage().lostBytes };
}

const FINE = { retransmits: 0, outOfOrder: 0, zeroWindows: 0, resets: 0 };

it.each<[string, readonly Step[], object]>([
  ['nothing happens', [[10, '>', REQUEST, { seq: C, ack: S }], answer(12)], { ...FINE, rttUs: 2000 }],
  [
    'acknowledgments say how far the other end is',
    // The handshake said 2 ms, this one 10: an eighth of the way.
    [[10, '>', REQUEST, { seq: C, ack: S }], [20, '<', '', { seq: S, ack: END }], answer(22)],
    { ...FINE, rttUs: 3000 },
  ],
  [
    'a segment is sent twice',
    [[10, '>', REQUEST, { seq: C, ack: S }], [300, '>', REQUEST, { seq: C, ack: S }], answer(310)],
    { ...FINE, rttUs: 2000, retransmits: 1 },
  ],
  [
    'a segment is overtaken',
    [
      [10, '>', part(0, 9), { seq: C, ack: S }],
      [11, '>', part(20, 99), { seq: C + 20, ack: S }],
      [11.2, '>', part(9, 20), { seq: C + 9, ack: S }],
      answer(12),
    ],
    { ...FINE, rttUs: 2000, outOfOrder: 1 },
  ],
  [
    'a segment is lost on the way and sent again',
    [
      [10, '>', part(0, 9), { seq: C, ack: S }],
      [11, '>', part(20, 99), { seq: C + 20, ack: S }],
      [211, '>', part(9, 20), { seq: C + 9, ack: S }],
      answer(212),
    ],
    { ...FINE, retransmits: 1 },
  ],
  [
    'an idle end is asked whether it is there',
    [[10, '>', REQUEST, { seq: C, ack: S }], [90, '>', 'f', { seq: END - 1, ack: S }], answer(95)],
    { ...FINE },
  ],
  [
    'a receiver is full, twice',
    [
      [10, '>', part(0, 9), { seq: C, ack: S }],
      [12, '<', '', { seq: S, ack: C + 9, window: 0 }],
      [13, '<', '', { seq: S, ack: C + 9, window: 0 }],
      [40, '<', '', { seq: S, ack: C + 9, window: 900 }],
      [41, '>', part(9, 99), { seq: C + 9, ack: S }],
      answer(43),
    ],
    { ...FINE, rttUs: 2000, zeroWindows: 1 },
  ],
  [
    'the connection is reset instead of an answer',
    [
      [10, '>', REQUEST, { seq: C, ack: S }],
      [12, '<', '', { seq: S, ack: END, flags: 'RA' }],
    ],
    { ...FINE, rttUs: 2000, resets: 1 },
  ],
])('%s', (_title, steps, tcpFacts) => {
  const { spans } = replayed(steps);
  expect(spans).toHaveLength(1);
  expect(spans[0]!.resource).toBe('/a');
  expect(spans[0]!.tcp).toMatchObject(tcpFacts);
});

it('counts for each span what happened during it', () => {
  const second = REQUEST.replace('/a', '/b');
  const { spans } = replayed([
    [10, '>', REQUEST, { seq: C, ack: S }],
    [300, '>', REQUEST, { seq: C, ack: S }],
    answer(310),
    [400, '>', second, { seq: END, ack: S + RESPONSE.length }],
    [410, '<', RESPONSE, { seq: S + RESPONSE.length, ack: END + second.length }],
  ]);
  expect(spans.map(({ resource, tcp: facts }) => [resource, facts?.retransmits])).toEqual([
    ['/a', 1],
    ['/b', 0],
  ]);
});

it('waits for a gap that is filled later, whatever the other end says meanwhile', () => {
  const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
  const { messages, lostBytes } = replayed([
    [10, '>', part(0, 40), { seq: C, ack: S }],
    [11, '>', part(42, 99), { seq: C + 42, ack: S }],
    [12, '<', interim, { seq: S, ack: C + 40 }],
    [250, '>', part(40, 42), { seq: C + 40, ack: S }],
    [260, '<', RESPONSE, { seq: S + interim.length, ack: END }],
  ]);
  expect(lostBytes).toBe(0);
  expect(messages.filter(({ truncated }) => truncated)).toEqual([]);
  expect(messages.map(({ type }) => type)).toEqual(['response', 'request', 'response']);
});

it('does not wait for bytes that the other end has and the capture has not', () => {
  const { messages, spans } = replayed([
    [10, '>', part(0, 40), { seq: C, ack: S }],
    [11, '>', part(42, 99), { seq: C + 42, ack: S }],
    answer(12),
  ]);
  expect(messages.map(({ type, truncated }) => [type, truncated])).toEqual([
    ['request', true],
    ['response', false],
  ]);
  expect(spans).toMatchObject([{ resource: '/a', status: 'ok', messageType: 'session' }]);
});
