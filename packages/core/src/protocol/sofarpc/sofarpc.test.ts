import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { bolt, hessian } from '../test-bytes-rpc';
import { converse, outline, type Turn } from '../test-conversation';

const good = bolt.answer(false, undefined, '\x02ok');
const thrown = (...fields: string[]) =>
  concat('O\x96', 'a.Oh.E', `${String.fromCharCode(0x90 + fields.length)}`, ...fields.map(hessian.text), 'o\x91');
const refused = concat('O\x9d', 'a.OhException', '\x91', hessian.text('detailMessage'), 'o\x91', hessian.text('no'));

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    "pairs by id; errors of the transport's, of the framework's, and exceptions",
    [
      ['>', concat(...[1, 2, 3, 4, 5].map((id) => bolt.call(id, 'find')))],
      [
        '<',
        concat(
          bolt.response(5, '', { status: 4 }),
          bolt.response(4, bolt.answer(true, 'no such service', 'N')),
          bolt.response(3, bolt.answer(false, undefined, refused)),
          bolt.response(2, bolt.answer(false, undefined, thrown('code'))),
          bolt.response(1, good),
        ),
      ],
    ],
    [
      ...new Array(5).fill('> a.Users:1.0'),
      '< SERVER_THREADPOOL_BUSY',
      '< no such service',
      '< a.OhException: no',
      '< 0',
      '< 0',
    ],
  ],
  [
    'the second version, with checksums and without',
    [
      ['>', concat(bolt.call(1, 'find', { version: 2 }), bolt.call(2, 'find', { version: 2, checksum: true }))],
      [
        '<',
        concat(bolt.response(2, good, { version: 2, checksum: true }), bolt.response(1, '', { version: 2, status: 7 })),
      ],
    ],
    ['> a.Users:1.0', '> a.Users:1.0', '< 0', '< TIMEOUT'],
  ],
  ['no answer wanted', [['>', bolt.call(1, 'log', { type: 2 })]], ['! a.Users:1.0']],
  [
    'an error that only the header tells of',
    [
      ['>', bolt.call(1, 'find')],
      [
        '<',
        bolt.frame({ type: 0, command: 2 }, 'a.R', bolt.header({ sofa_head_response_error: 'true' }), 'in protobuf'),
      ],
    ],
    ['> a.Users:1.0', '< response error'],
  ],
];

it.each(TABLE)('sofarpc: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('sofarpc: either side asks for a sign of life, and neither makes a span', () => {
  const { messages, spans } = converse([
    ['>', concat(bolt.call(1, 'find'), bolt.heartbeat(2))],
    ['<', concat(bolt.heartbeat(1), bolt.alive(2), bolt.response(1, good))],
    ['>', bolt.alive(1)],
  ]);
  expect(messages).toHaveLength(6);
  expect(spans.map(({ endpoint }) => endpoint)).toEqual(['a.Users:1.0/find']);
});

it.each([
  [
    { 'rpc_trace_context.sofaTraceId': 't-1', 'rpc_trace_context.sofaRpcId': '0.1' },
    { traceIds: ['t-1'], spanId: '0.1' },
  ],
  [
    { new_rpc_trace_context: 'tcid=t-2&spid=0.2&pspid=0&sample=true&' },
    { traceIds: ['t-2'], spanId: '0.2', parentSpanId: '0' },
  ],
  [
    { TraceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    { traceIds: ['a'.repeat(32)], spanId: 'b'.repeat(16) },
  ],
])('sofarpc: trace context in the header: %o', (more, expected) => {
  const [message] = converse([['>', bolt.call(1, 'find', { more })]]).messages;
  expect(message!.fields).toMatchObject({ ...expected, method: 'find', endpoint: 'a.Users:1.0/find', requestId: 1 });
});
