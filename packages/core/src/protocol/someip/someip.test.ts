import { expect, it } from 'vitest';
import { concat, socket } from '../../event/test-scene';
import { u16, u32 } from '../test-bytes';
import { someipMessage as message } from '../test-bytes-rpc';
import { converse, outline, type Turn } from '../test-conversation';

const UDP = socket('s', { transport: 'udp' });

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    "pairs by method and request id; errors, client's and server's",
    [
      ['>', concat(message({ method: 1 }), message({ method: 2 }, 'abc'), message({ method: 3 }))],
      [
        '<',
        concat(
          message({ method: 3, type: 0x81, code: 4 }),
          message({ method: 2, type: 0x80, code: 0x23 }),
          message({ method: 1, type: 0x80 }, 'xy'),
        ),
      ],
    ],
    ['> 0x1234/0x0001', '> 0x1234/0x0002', '> 0x1234/0x0003', '< E_NOT_READY', '< return code 35', '< 0'],
  ],
  [
    'no answer wanted, and events',
    [
      ['>', message({ type: 1 })],
      ['<', concat(message({ method: 0x8001, type: 2 }, 'a'), message({ method: 0x8002, type: 2 }))],
    ],
    ['! 0x1234/0x0021', '! 0x1234/0x8001', '! 0x1234/0x8002'],
  ],
  [
    'of segments the first stands for all',
    [
      ['>', concat(message({ type: 0x20 }, concat(u32(1), 'x'.repeat(16))), message({ session: 2 }))],
      ['>', concat(message({ type: 0x20 }, concat(u32(16), 'end')))],
    ],
    ['> 0x1234/0x0021', '> 0x1234/0x0021'],
  ],
];

it.each(TABLE)('someip: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
  expect(outline(converse(turns, { on: UDP }).messages)).toEqual(expected);
});

it('someip: pairs of the same session number, of two methods', () => {
  const { spans } = converse([
    ['>', concat(message({ method: 1 }), message({ method: 2 }))],
    ['<', concat(message({ method: 2, type: 0x81, code: 9 }), message({ method: 1, type: 0x80 }))],
  ]);
  expect(spans.map(({ endpoint, statusCode, status }) => [endpoint, statusCode, status])).toEqual([
    ['0x1234/0x0002', 9, 'client_error'],
    ['0x1234/0x0001', 0, 'ok'],
  ]);
});

it('someip: magic cookies are no messages', () => {
  const cookie = concat(u32(0xffff_0000), u32(8), u32(0xdead_beef), Uint8Array.of(1, 1, 1, 0));
  const { messages, coverage } = converse([['>', concat(cookie, message({}), cookie, message({ session: 2 }))]]);
  expect([messages.length, coverage.lostBytes]).toEqual([2, 0]);
});

/** A discovery with one entry. */
const discovery = (type: number, timeToLive: number, last = u32(0)) =>
  message(
    { service: 0xffff, method: 0x8100, client: 0, type: 2 },
    concat(
      u32(0xc000_0000),
      u32(16),
      Uint8Array.of(type, 0, 0, 0),
      u16(0x1234),
      u16(1),
      u32(timeToLive + 2 ** 24),
      last,
      u32(0),
    ),
  );

it.each([
  ['FindService', 0, 3, '0x1234.0x0001'],
  ['OfferService', 1, 3, '0x1234.0x0001'],
  ['StopOfferService', 1, 0, '0x1234.0x0001'],
  ['SubscribeEventgroup', 6, 3, '0x1234.0x0001/0x0007'],
  ['SubscribeEventgroupNack', 7, 0, '0x1234.0x0001/0x0007'],
])('someip: discovery: %s', (method, type, timeToLive, resource) => {
  const last = type > 1 ? u32(7) : u32(0);
  const { messages, spans } = converse([['>', discovery(type, timeToLive, last)]], { on: UDP });
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({ type: 'oneway', protocol: 'someip', fields: { method, resource } });
  // Offers are repeated for as long as the service lives.
  expect(spans).toHaveLength(method === 'OfferService' ? 0 : 1);
});
