import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { converse, outline, type Turn } from '../test-conversation';
import { rocketmqFrames as rocketmq, TRACEPARENT } from '../test-queue-bytes';
import { versionName } from './codes';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'pairs by number, in either encoding',
    [
      [
        '>',
        concat(
          rocketmq.call(105, 1, { topic: 'orders' }),
          rocketmq.binary(15, 2, 0, '', { topic: 'orders', queueId: '3' }),
        ),
      ],
      ['<', concat(rocketmq.binary(0, 2, 1, '', {}), rocketmq.answer(17, 1, 'No topic route info'))],
    ],
    ['> orders', '> orders-3', '< 0', '< No topic route info'],
  ],
  [
    'the broker asks too, with numbers of its own',
    [
      ['>', rocketmq.call(38, 5, { consumerGroup: 'g' })],
      ['<', concat(rocketmq.call(309, 5, { consumerGroup: 'g', topic: 'orders' }), rocketmq.answer(0, 5))],
      ['>', rocketmq.answer(1, 5)],
      ['<', rocketmq.call(40, 6, { consumerGroup: 'g' }, 2)],
    ],
    ['> g', '> orders', '< 0', '< SYSTEM_ERROR', '! g'],
  ],
  [
    'a pull that finds nothing has not failed',
    [
      ['>', rocketmq.call(11, 5, { topic: 'orders', queueId: '0', queueOffset: '77' })],
      ['<', rocketmq.answer(19, 5, 'no new message')],
    ],
    ['> orders-0:77', '< 19'],
  ],
];

it.each(TABLE)('rocketmq: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('rocketmq: names call, queue and version; heartbeats make no spans', () => {
  const { spans, messages } = converse([
    ['>', concat(rocketmq.call(34, 1, {}), rocketmq.call(310, 2, { a: 'g', b: 'orders', e: '3' }))],
    ['<', concat(rocketmq.answer(0, 1), rocketmq.answer(2, 2, '[TIMEOUT_CLEAN_QUEUE]broker busy'))],
  ]);
  expect(messages).toHaveLength(4);
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({
    method: 'SEND_MESSAGE_V2',
    endpoint: 'orders-3',
    version: 'V4_9_3',
    requestId: 2,
    statusCode: 2,
    status: 'server_error',
    exception: '[TIMEOUT_CLEAN_QUEUE]broker busy',
  });
});

it('rocketmq: trace context in a message sent, and in all messages that are fetched', () => {
  const other = TRACEPARENT.replace('0af7', '1bf7');
  const body = concat(
    rocketmq.stored('orders', `KEYS\x01k\x02traceparent\x01${TRACEPARENT}`, 'hello'),
    rocketmq.stored('orders', `traceparent\x01${other}`, 'hello'),
  );
  const { messages } = converse([
    ['>', rocketmq.call(10, 2, { topic: 'orders', queueId: '1', properties: `traceparent\x01${TRACEPARENT}\x02` })],
    ['<', rocketmq.answer(0, 3, 'FOUND', body)],
  ]);
  expect(messages[0]!.fields).toMatchObject({ traceIds: ['0af7651916cd43dd8448eb211c80319c'], endpoint: 'orders-1' });
  expect(messages[1]!.fields).toMatchObject({
    traceIds: ['0af7651916cd43dd8448eb211c80319c', '1bf7651916cd43dd8448eb211c80319c'],
    spanId: 'b7ad6b7169203331',
    endpoint: 'orders',
  });
  expect(messages[1]!.fields.exception).toBeUndefined();
});

it('rocketmq: a header that is cut still says what it says', () => {
  const early = rocketmq.call(310, 2, { b: 'orders', e: '3', i: 'x'.repeat(600) });
  const { messages } = converse(
    [
      ['>', early],
      ['>', rocketmq.call(34, 3, {})],
    ],
    { options: { limit: 200 } },
  );
  expect(
    messages.map(({ fields: { method, endpoint, requestId }, truncated }) => [method, endpoint, requestId, truncated]),
  ).toEqual([
    ['SEND_MESSAGE_V2', 'orders-3', undefined, true],
    ['HEART_BEAT', 'HEART_BEAT', 3, false],
  ]);
  const late = rocketmq.json({ code: 310, opaque: 2, flag: 0, extFields: { b: 'orders', e: '3', i: 'x'.repeat(600) } });
  const [message] = converse([['>', late]], { options: { limit: 200 } }).messages;
  expect(message).toMatchObject({
    truncated: true,
    length: late.length,
    fields: { endpoint: 'orders-3', requestId: 2 },
  });
});

it.each([
  [293, 'V4_4_0'],
  [399, 'V4_9_3'],
  [412, 'V5_0_0_SNAPSHOT'],
  [453, 'V5_2_0'],
  [79, '79'],
])('rocketmq: version %d is %s', (number, name) => {
  expect(versionName(number)).toBe(name);
});
