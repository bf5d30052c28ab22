import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { u32 } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';
import { protobuf, pulsarFrames as pulsar, TRACEPARENT } from '../test-queue-bytes';

const TOPIC = 'persistent://t/n/orders';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'receipts are paired by producer and sequence number',
    [
      ['>', concat(pulsar.command(5, { 1: TOPIC, 2: 1, 3: 1 }), pulsar.command(5, { 1: `${TOPIC}-2`, 2: 2, 3: 2 }))],
      ['<', concat(pulsar.command(17, { 1: 2, 2: 'b' }), pulsar.command(17, { 1: 1, 2: 'a' }))],
      ['>', concat(pulsar.command(6, { 1: 1, 2: 0 }), pulsar.command(6, { 1: 2, 2: 0 }))],
      ['<', concat(pulsar.command(7, { 1: 2, 2: 0 }), pulsar.command(8, { 1: 1, 2: 0, 3: 7, 4: 'quota' }))],
    ],
    [`> ${TOPIC}`, `> ${TOPIC}-2`, '< ok', '< ok', `> ${TOPIC}`, `> ${TOPIC}-2`, '< ok', '< quota'],
  ],
  [
    'consume: flow and messages are one-way, an acknowledgement asks only with an id',
    [
      ['>', pulsar.command(4, { 1: TOPIC, 2: 's', 3: 0, 4: 6, 5: 9 })],
      ['<', pulsar.command(13, { 1: 9 })],
      ['>', pulsar.command(11, { 1: 6, 2: 10 })],
      ['<', pulsar.command(9, { 1: 6, 2: '' }, pulsar.message({}, 'hello'))],
      ['>', concat(pulsar.command(10, { 1: 6, 2: 0 }), pulsar.command(10, { 1: 6, 2: 0, 8: 10 }))],
      ['<', pulsar.command(38, { 1: 6, 6: 10 })],
      ['<', pulsar.command(16, { 1: 6, 2: 3 })],
    ],
    [`> ${TOPIC}`, '< ok', `! ${TOPIC}`, `! ${TOPIC}`, `! ${TOPIC}`, `> ${TOPIC}`, '< ok', `! ${TOPIC}`],
  ],
  [
    'errors: of a lookup, and of the connection',
    [
      ['>', pulsar.command(2, { 1: 'client' })],
      ['<', pulsar.command(36, { 1: 'broker' })],
      ['>', pulsar.command(37, { 1: 'client' })],
      ['<', pulsar.command(14, { 1: 2 ** 64, 2: 3, 3: 'who are you' })],
      ['>', pulsar.command(23, { 1: TOPIC, 2: 1 })],
      ['<', pulsar.command(24, { 3: 2, 4: 1, 6: 6 })],
    ],
    ['> connect', '> auth_challenge', '< ok', '< who are you', `> ${TOPIC}`, '< ServiceNotReady'],
  ],
  [
    'a command of a later version is stepped over',
    [['>', concat(pulsar.command(18), pulsar.command(77), pulsar.command(18))]],
    ['> ping', '! command 77', '> ping'],
  ],
];

it.each(TABLE)('pulsar: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('pulsar: statuses, the broker behind a proxy, pings without spans', () => {
  const { spans } = converse([
    ['>', pulsar.command(2, { 1: 'client', 4: 19, 6: 'broker:6650' })],
    ['<', pulsar.command(3, { 1: 'broker', 2: 19 })],
    ['>', concat(pulsar.command(18), pulsar.command(21, { 1: TOPIC, 2: 5 }))],
    ['<', concat(pulsar.command(19), pulsar.command(22, { 2: 5, 3: 1, 4: 11 }))],
  ]);
  expect(spans).toHaveLength(2);
  expect(spans[1]).toMatchObject({
    domain: 'broker:6650',
    version: '19',
    endpoint: TOPIC,
    requestId: 5,
    statusCode: 11,
    status: 'client_error',
    exception: 'TopicNotFound',
  });
});

it('pulsar: trace context in the properties of a message, or of the first of a batch', () => {
  const single = protobuf({ 1: protobuf({ 1: 'traceparent', 2: TRACEPARENT }), 3: 5 });
  const batch = pulsar.message({}, concat(u32(single.length), single, 'hello'), { 11: 2 });
  const compressed = pulsar.message({}, concat(u32(single.length), single, 'hello'), { 8: 1, 11: 2 });
  const { messages } = converse([
    ['>', pulsar.command(6, { 1: 1, 2: 0 }, pulsar.message({ a: 'b', TraceParent: TRACEPARENT }, 'hello'))],
    ['>', pulsar.command(6, { 1: 1, 2: 1 }, batch)],
    ['>', pulsar.command(6, { 1: 1, 2: 2 }, compressed)],
  ]);
  const ids = ['0af7651916cd43dd8448eb211c80319c'];
  expect(messages.map(({ fields }) => fields.traceIds)).toEqual([ids, ids, undefined]);
});

it('pulsar: a large message is passed over by its length', () => {
  const turns: readonly Turn[] = [
    [
      '>',
      concat(
        pulsar.command(6, { 1: 1, 2: 0 }, pulsar.message({}, 'x'.repeat(50_000))),
        pulsar.command(15, { 1: 1, 2: 8 }),
      ),
    ],
    ['<', pulsar.command(13, { 1: 8 })],
  ];
  const cut = (bytes: Uint8Array) => [bytes.slice(0, 20_000), bytes.slice(20_000)];
  const { messages } = converse(turns, { cut, options: { limit: 1000 } });
  expect(messages.map(({ fields: { method }, truncated }) => `${method} ${truncated}`)).toEqual([
    'send true',
    'success false',
  ]);
});
