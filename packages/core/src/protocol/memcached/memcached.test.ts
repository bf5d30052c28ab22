import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { memcachedPacket } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'text: storage, retrieval, deletion',
    [
      ['>', 'set foo 0 0 5\r\na\r\nbc\r\nget foo bar\r\ndelete foo noreply\r\n'],
      ['<', 'STORED\r\nVALUE foo 0 5\r\na\r\nbc\r\nVALUE bar 0 3\r\nEND\r\nEND\r\n'],
      ['>', 'incr n 1\r\n'],
      ['<', '7\r\n'],
      ['>', 'quit\r\n'],
    ],
    ['> set foo 0 0 5', '> get foo bar', '! delete foo noreply', '< STORED', '< VALUE', '> incr n 1', '< ok', '! quit'],
  ],
  [
    'text: statistics end with END',
    [
      ['>', 'stats\r\n'],
      ['<', 'STAT pid 7\r\nSTAT uptime 9\r\nEND\r\n'],
    ],
    ['> stats', '< STAT'],
  ],
  [
    'text: errors',
    [
      ['>', 'get a\r\nincr a b\r\nget b\r\n'],
      ['<', 'END\r\nCLIENT_ERROR invalid numeric delta argument\r\nSERVER_ERROR out of memory\r\n'],
    ],
    [
      '> get a',
      '> incr a b',
      '> get b',
      '< END',
      '< CLIENT_ERROR invalid numeric delta argument',
      '< SERVER_ERROR out of memory',
    ],
  ],
  [
    'text: a command that is not known',
    [
      ['>', 'get a\r\nfrobnicate a 1\r\nget b\r\n'],
      ['<', 'END\r\nERROR\r\nEND\r\n'],
    ],
    ['> get a', '> frobnicate a 1', '> get b', '< END', '< ERROR', '< END'],
  ],
  [
    'meta commands',
    [
      ['>', 'mg foo v t\r\nms foo 2 T0\r\nhi\r\nmn\r\n'],
      ['<', 'VA 2 t-1\r\nhi\r\nHD\r\nMN\r\n'],
    ],
    ['> mg foo v t', '> ms foo 2 T0', '> mn', '< VA', '< HD', '< MN'],
  ],
  [
    'binary: quiet requests are answered by what follows them',
    [
      [
        '>',
        concat(
          memcachedPacket(0x80, 9, 0, 1, 'a'),
          memcachedPacket(0x80, 9, 0, 2, 'b'),
          memcachedPacket(0x80, 0, 0, 3, 'c'),
        ),
      ],
      ['<', concat(memcachedPacket(0x81, 9, 0, 2, '', 'value'), memcachedPacket(0x81, 0, 1, 3, ''))],
      ['>', memcachedPacket(0x80, 1, 0, 4, 'd')],
      ['<', memcachedPacket(0x81, 1, 0x82, 4, '')],
    ],
    ['! getq a', '! getq b', '> get c', '! getq', '< 1', '> set d', '< Out of memory'],
  ],
  [
    'other lines are not taken',
    [
      ['>', 'get on with it!\n'],
      ['<', 'ERROR: no\r\n'],
    ],
    [],
  ],
];

it.each(TABLE)('memcached: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('memcached: pairs across requests that get no answer', () => {
  const { spans } = converse([
    ['>', 'get a\r\nset b 0 0 1 noreply\r\nx\r\ntouch c 0\r\n'],
    ['<', 'END\r\nTOUCHED\r\n'],
  ]);
  expect(spans.map(({ method, statusCode }) => `${method} ${statusCode ?? '-'}`).sort()).toEqual([
    'get END',
    'set -',
    'touch TOUCHED',
  ]);
});
