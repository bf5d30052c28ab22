import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { amqpFrames as frames } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'the server asks first',
    [
      ['>', 'AMQP\0\0\x09\x01'],
      ['<', frames.method(0, 10, 10, '\0\x09', '\0'.repeat(12))],
      ['>', frames.method(0, 10, 11, '\0'.repeat(13))],
      ['>', frames.method(0, 10, 40, '\x01/\0\0')],
      ['<', frames.method(0, 10, 41, '\0')],
    ],
    ['! ProtocolHeader', '> Connection.Start', '< ok', '> Connection.Open', '< ok'],
  ],
  [
    'answers by order on each channel, contents across channels',
    [
      ['>', concat(frames.queueDeclare(1, 'a'), frames.queueDeclare(2, 'b'), frames.queueDeclare(1, 'c'))],
      [
        '<',
        concat(frames.method(2, 50, 11, '\x01b', '\0'.repeat(8)), frames.method(1, 50, 11, '\x01a', '\0'.repeat(8))),
      ],
      [
        '>',
        concat(
          frames.publish(1, 'x', 'k'),
          frames.publish(2, 'x', 'l'),
          frames.header(1, 3),
          frames.header(2, 0),
          frames.body(1, 'abc'),
        ),
      ],
    ],
    ['> a', '> b', '> c', '< ok', '< ok', '! x.l', '! x.k'],
  ],
  [
    'no wait, and a channel that is closed for a mistake',
    [
      ['>', concat(frames.queueDeclare(1, 'a', 16), frames.method(1, 60, 80, '\0'.repeat(9)))],
      ['<', frames.method(1, 20, 40, '\x01\x94', '\x09NOT_FOUND', '\0\0\0\0')],
      ['>', frames.method(1, 20, 41)],
    ],
    ['! a', '! Basic.Ack', '> Channel.Close', '< ok'],
  ],
];

it.each(TABLE)('amqp: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('amqp: headers carry trace context, heartbeats make no spans', () => {
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { spans } = converse([
    ['>', concat('AMQP\0\0\x09\x01', frames.frame(8, 0), frames.publish(1, 'x', 'k'))],
    ['>', concat(frames.header(1, 2, 'traceparent', trace), frames.body(1, 'hi'))],
  ]);
  expect(spans.map(({ method }) => method)).toEqual(['ProtocolHeader', 'Basic.Publish']);
  expect(spans[1]).toMatchObject({ traceIds: ['0af7651916cd43dd8448eb211c80319c'], endpoint: 'x.k', oneway: true });
});
