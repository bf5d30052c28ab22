import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { dubboFrames as dubbo, hessian } from '../test-bytes-rpc';
import { converse, outline, type Turn } from '../test-conversation';

const throwable = (...fields: string[]) => hessian.define('a.Refused', ...fields);

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    "pairs by id; errors, client's and server's",
    [
      ['>', concat(dubbo.call(1, 'find'), dubbo.call(2, 'save'), dubbo.call(3, 'drop'))],
      ['<', concat(dubbo.frame(0, 40, 3, hessian.text('bad request')), dubbo.frame(0, 100, 2, 'N'), dubbo.value(1))],
    ],
    ['> a.Users', '> a.Users', '> a.Users', '< bad request', '< SERVER_THREADPOOL_EXHAUSTED_ERROR', '< 20'],
  ],
  [
    'an exception is an error, whatever the status says',
    [
      ['>', concat(dubbo.call(1, 'find'), dubbo.call(2, 'find'))],
      [
        '<',
        concat(
          dubbo.frame(0, 20, 1, '\x90', throwable('code', 'detailMessage'), '\x60\x91', hessian.text('no such user')),
          dubbo.frame(0, 20, 2, '\x93', throwable('code'), '\x60\x91', hessian.map({})),
        ),
      ],
    ],
    ['> a.Users', '> a.Users', '< a.Refused: no such user', '< a.Refused'],
  ],
  ['no answer wanted', [['>', dubbo.call(1, 'log', {}, 0x80)]], ['! a.Users']],
  [
    'other serializations: only the head is read',
    [
      ['>', dubbo.frame(0xc4, 0, 1, '"2.0.2"\n"a.Users"\n')],
      ['<', dubbo.frame(0x04, 20, 1, '1\n{}\n')],
    ],
    ['> undefined', '< 20'],
  ],
];

it.each(TABLE)('dubbo: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('dubbo: either side asks for a sign of life, and neither makes a span', () => {
  const { messages, spans } = converse([
    ['>', concat(dubbo.call(1, 'find'), dubbo.heartbeat(2))],
    ['<', concat(dubbo.heartbeat(1), dubbo.alive(2), dubbo.value(1))],
    ['>', dubbo.alive(1)],
    ['<', dubbo.frame(0xa0, 0, 5, hessian.text('R'))],
  ]);
  expect(messages).toHaveLength(7);
  expect(spans.map(({ method }) => method)).toEqual(['find', 'READONLY']);
});

it('dubbo: attachments behind arguments of every kind', () => {
  const types = 'Ljava/lang/String;[Ljava/lang/Object;IJZ[[BDLjava/util/Map;La/Order;La/Order;Ljava/util/Date;';
  const items = concat('\x72\x07[object', hessian.text('eee'), '\x57\x91\xe0Z');
  const order = concat(hessian.define('a.Order', 'id', 'note', 'next'), '\x60\x3c\x00\x05N\x51\x90');
  const long = concat('R', '\x00\x02', 'ab', 'S', '\x00\x01', '\xc3\xa9');
  const body = dubbo.invocation(
    'a.Orders',
    'place',
    types,
    long,
    items,
    'I\0\0\x01\0',
    'L\0\0\0\0\0\0\0\x07',
    'T',
    'A\0\x01x\x22yz',
    '\x5d\x07',
    concat('M\x07a.Types', hessian.text('k'), '\x5f\0\0\0\x01', 'Z'),
    order,
    concat('O\x90', '\xe0', hessian.text('x'.repeat(40)), 'N'),
    'J\0\0\0\0\0\0\0\x07',
    hessian.map({ path: 'a.Orders', 'X-B3-TraceId': '1'.repeat(16), 'x-request-id': 'r-1' }),
  );
  const [message] = converse([['>', dubbo.frame(0xc0, 0, 9, body)]]).messages;
  expect(message!.fields).toMatchObject({
    method: 'place',
    resource: 'a.Orders',
    endpoint: 'a.Orders/place',
    version: '2.0.2',
    traceIds: ['1'.repeat(16)],
    xRequestId: 'r-1',
  });
});

it('dubbo: names are read where the rest was not captured', () => {
  const { messages } = converse(
    [['>', concat(dubbo.call(1, 'find', { 'x-request-id': 'r' }), dubbo.call(2, 'save'))]],
    {
      options: { limit: 50 },
    },
  );
  expect(messages[0]).toMatchObject({ truncated: true, fields: { endpoint: 'a.Users/find', requestId: 1 } });
  expect(messages[0]!.fields.xRequestId).toBeUndefined();
});
