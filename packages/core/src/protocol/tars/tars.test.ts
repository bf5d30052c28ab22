import { expect, it } from 'vitest';
import { concat, latin1 } from '../../event/test-scene';
import { jce } from '../test-bytes-rpc';
import { converse, outline, type Turn } from '../test-conversation';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    "pairs by id; the framework's results and the application's own",
    [
      ['>', concat(jce.call(1, 'find'), jce.call(2, 'find'), jce.call(3, 'find'), jce.call(4, 'find'))],
      ['<', concat(jce.result(4, 17), jce.result(3, -10), jce.result(2, -9, 'too busy'), jce.result(1, 0))],
    ],
    [...new Array(4).fill('> Shop.Users.UserObj'), '< result 17', '< TARSADAPTERNULL', '< too busy', '< 0'],
  ],
  ['no answer wanted', [['>', jce.call(1, 'log', { type: 1 })]], ['! Shop.Users.UserObj']],
  [
    'TUP answers with a packet of the form of a request',
    [
      ['>', concat(jce.call(1, 'find', { version: 3 }), jce.call(2, 'find', { version: 2 }))],
      [
        '<',
        concat(
          jce.call(1, 'find', { version: 3 }),
          jce.call(2, 'find', { version: 2, status: { STATUS_RESULT_CODE: '-4', STATUS_RESULT_DESC: 'no servant' } }),
        ),
      ],
    ],
    ['> Shop.Users.UserObj', '> Shop.Users.UserObj', '< 0', '< no servant'],
  ],
  [
    'fields of every type, known or not, are passed over',
    [
      [
        '>',
        jce.packet(
          latin1('\x10\x01\x2c\x3c\x41\x01\x00'),
          jce.text(5, 'a.b'),
          latin1('\x67\0\0\0\x03fun'),
          latin1('\x79\0\x02\0\x01\x0a\x11\0\x02\x0b'),
          latin1('\x84\0\0\0\0\x85\0\0\0\0\0\0\0\0\x83\0\0\0\0\0\0\0\0\xf0\x20\x01'),
          jce.map(9, { 'x-request-id': 'r' }),
        ),
      ],
    ],
    ['> a.b'],
  ],
];

it.each(TABLE)('tars: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('tars: servant and function, and pings that make no span', () => {
  const { messages, spans } = converse([
    ['>', concat(jce.call(300, 'find'), jce.call(2, 'tars_ping'))],
    ['<', concat(jce.result(2, 0), jce.result(300, 0))],
  ]);
  expect(messages.map(({ fields }) => fields.heartbeat)).toEqual([undefined, true, true, undefined]);
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ method: 'find', endpoint: 'Shop.Users.UserObj/find', statusCode: 0, status: 'ok' });
});

it.each([
  ['1-abc|span|parent', ['1-abc'], 'span', 'parent'],
  ['1-abc|parent', ['1-abc'], undefined, 'parent'],
])("tars: its own trace, %s, and others' context", (key, traceIds, spanId, parentSpanId) => {
  const [message] = converse([
    ['>', jce.call(1, 'find', { context: { 'X-Request-Id': 'r-1' }, status: { STATUS_TRACE_KEY: key } })],
  ]).messages;
  const { fields } = message!;
  expect([fields.traceIds, fields.spanId, fields.parentSpanId, fields.xRequestId]).toEqual([
    traceIds,
    spanId,
    parentSpanId,
    'r-1',
  ]);
});

it('tars: names are read where the arguments were not captured', () => {
  const { messages } = converse(
    [
      ['>', concat(jce.call(1, 'find', { body: 'x'.repeat(100) }))],
      ['<', jce.result(1, -3)],
    ],
    { options: { limit: 60 } },
  );
  expect(outline(messages)).toEqual(['> Shop.Users.UserObj …', '< TARSSERVERNOFUNCERR']);
});
