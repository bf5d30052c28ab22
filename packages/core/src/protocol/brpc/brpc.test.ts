import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { brpcFrames as brpc, pb } from '../test-bytes-rpc';
import { converse, outline, type Turn } from '../test-conversation';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    "pairs by correlation id; errors, client's and server's",
    [
      ['>', concat(brpc.call(1, 'A'), brpc.call(2, 'B'), brpc.call(3, 'C'))],
      ['<', concat(brpc.result(3, 2004, 'Reached max_concurrency'), brpc.result(1, 0), brpc.result(2, 1001))],
    ],
    ['> a.Echo', '> a.Echo', '> a.Echo', '< Reached max_concurrency', '< 0', '< error 1001'],
  ],
  [
    'an answer without a result is a good one',
    [
      ['>', brpc.call(1, 'A')],
      ['<', brpc.frame('PRPC', concat(pb.bytes(2), pb.number(4, 1)), 'payload')],
    ],
    ['> a.Echo', '< 0'],
  ],
  [
    'streams share the connection; what grants room makes no span',
    [
      ['>', brpc.frame('STRM', concat(pb.number(1, 5), pb.number(3, 3)), 'data')],
      ['<', brpc.frame('STRM', concat(pb.number(1, 5), pb.number(3, 4), pb.bytes(5, pb.number(1, 4))))],
      ['>', brpc.frame('STRM', concat(pb.number(1, 5), pb.number(3, 2)))],
    ],
    ['! stream 5', '! stream 5', '! stream 5'],
  ],
];

it.each(TABLE)('brpc: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('brpc: names service and method, which an answer takes from its call', () => {
  const { spans, messages } = converse([
    ['>', brpc.call(2 ** 33 + 1, 'Say')],
    ['<', brpc.result(2 ** 33 + 1, 1008, 'reached timeout')],
  ]);
  expect(messages[1]!.fields).toMatchObject({ requestId: 2 ** 33 + 1, endpoint: 'a.Echo/Say', status: 'client_error' });
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ method: 'Say', endpoint: 'a.Echo/Say', statusCode: 1008 });
});

it('brpc: trace context, in user fields and in its own numbers of 64 bits', () => {
  const entry = pb.bytes(9, pb.bytes(1, 'TraceParent'), pb.bytes(2, `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`));
  const own = pb.bytes(
    1,
    pb.bytes(1, 's'),
    pb.bytes(2, 'm'),
    concat('\x20', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01'),
    pb.number(5, 0xabc),
    pb.number(6, 0xdef),
    pb.bytes(7, 'request-9'),
  );
  const [first, second] = converse([
    ['>', concat(brpc.call(1, 'A', entry), brpc.frame('PRPC', concat(own, pb.number(4, 2))))],
  ]).messages;
  expect(first!.fields).toMatchObject({ traceIds: ['a'.repeat(32)], spanId: 'b'.repeat(16) });
  const { traceIds, spanId, parentSpanId, xRequestId } = second!.fields;
  expect([traceIds, spanId, parentSpanId, xRequestId]).toEqual([['ffffffffffffffff'], 'abc', 'def', 'request-9']);
});
