import { expect, it } from 'vitest';
import { concat, socket } from '../../event/test-scene';
import { kafkaFrames as kafka, u16, u32 } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'pairs by correlation id',
    [
      ['>', concat(kafka.produce(1, 'orders'), kafka.request(3, 1, 2, u32(1), kafka.text('orders')))],
      ['<', concat(kafka.response(2, u32(0)), kafka.produced(1, 'orders', 0))],
    ],
    ['> orders-0', '> orders', '< unknown', '< 0'],
  ],
  [
    'errors',
    [
      ['>', concat(kafka.produce(1, 'orders'), kafka.request(14, 1, 2, kafka.text('g')))],
      ['<', concat(kafka.produced(1, 'orders', 3), kafka.response(2, u32(0), u16(27)))],
    ],
    ['> orders-0', '> g', '< UNKNOWN_TOPIC_OR_PARTITION', '< REBALANCE_IN_PROGRESS'],
  ],
  ['no acknowledgement asked for', [['>', kafka.produce(1, 'orders', 0)]], ['! orders-0']],
  [
    'flexible versions',
    [
      ['>', kafka.request(11, 7, 5, '\0', '\x02g', u32(1000))],
      ['<', kafka.response(5, '\0', u32(0), u16(0xffff))],
      ['>', kafka.request(18, 3, 6, '\0', '\x05java', '\x021', '\0')],
      ['<', kafka.response(6, u16(35))],
    ],
    ['> g', '< UNKNOWN_SERVER_ERROR', '> ApiVersions', '< UNSUPPORTED_VERSION'],
  ],
];

it.each(TABLE)('kafka: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it.each<[string, Uint8Array]>([
  ['a response whose number has the place of a call', kafka.produced(5, 'orders', 0)],
  ['a response without a topic', kafka.response(3, u32(0), u32(0), u32(0))],
  ['zeros behind a length', concat(u32(16_384), new Uint8Array(64))],
])('kafka: %s is not taken for a request', (_name, bytes) => {
  const { messages } = converse([['<', bytes]], { on: { ...socket('s'), role: 'unknown' } });
  expect(messages).toEqual([]);
});

it('kafka: responses are found again after a loss, by their number', () => {
  const topics = (id: number) => kafka.request(3, 1, id, u32(1), kafka.text('orders'));
  const [first, second] = [kafka.response(1, 'x'.repeat(50)), kafka.response(2, 'y'.repeat(50))];
  const { messages } = converse(
    [
      ['>', topics(1)],
      ['>', topics(2)],
      ['>', topics(3)],
      // One read took both, and its payload was cut within the first.
      ['<', concat(first, second)],
      ['<', kafka.response(3, u32(0))],
    ],
    { options: { limit: 40 } },
  );
  expect(messages.filter(({ type }) => type === 'response').map(({ fields }) => fields.requestId)).toEqual([1, 3]);
});

it("kafka: a group's heartbeats make no spans", () => {
  const { messages, spans } = converse([
    ['>', kafka.request(12, 1, 1, kafka.text('g'), u32(7), kafka.text('m'))],
    ['<', kafka.response(1, u32(0), u16(0))],
  ]);
  expect([messages.length, spans.length]).toEqual([2, 0]);
});
