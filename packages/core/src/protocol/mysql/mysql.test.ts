import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { my } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';

const login: readonly Turn[] = [
  ['<', my.greeting()],
  ['>', my.login('shop', 'store')],
  ['<', my.ok(2)],
];

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  ['login', login, ['> Login username: shop db: store', '< ok']],
  [
    'login with a change of the method of proof',
    [
      ['<', my.greeting()],
      ['>', my.login('shop', '')],
      ['<', my.packet(2, '\xfemysql_native_password\0', '12345678901234567890\0')],
      ['>', my.packet(3, '12345678901234567890')],
      ['<', my.ok(4)],
      ['>', my.query('SELECT 1')],
      ['<', my.result('1')],
    ],
    ['> Login username: shop', '< ok', '> SELECT 1', '< ok'],
  ],
  [
    'login refused',
    [
      ['<', my.greeting()],
      ['>', my.login('shop', '')],
      ['<', my.error(1045, '28000', 'Access denied', 2)],
    ],
    ['> Login username: shop', '< Access denied'],
  ],
  [
    'encryption',
    [
      ['<', my.greeting()],
      ['>', my.sslRequest()],
      ['>', Uint8Array.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 0)],
    ],
    ['! SSL_REQUEST'],
  ],
  [
    'what is compressed is left alone',
    [
      ['<', my.greeting()],
      ['>', my.login('shop', '', 0xa2ad)],
      ['<', my.ok(2)],
      ['>', concat(my.packet(0, 'abc'), my.query('SELECT 1'))],
    ],
    ['> Login username: shop', '< ok'],
  ],
  [
    'several results of one statement are one response',
    [
      ['>', my.query('CALL p()')],
      ['<', concat(my.result('1', 0xa), my.result('2', 0xa, 6), my.ok(11))],
      ['>', my.query('SELECT 1; SELECT 2')],
      ['<', concat(my.result('1', 0xa), my.error(1064, '42000', 'You have an error', 6))],
    ],
    ['> CALL p()', '< ok', '> SELECT 1; SELECT 2', '< You have an error'],
  ],
  [
    'a prepared statement keeps its text until it is closed',
    [
      ['>', my.prepare('SELECT a FROM t WHERE b = ?')],
      ['<', my.prepared(5, 1, 1)],
      ['>', my.execute(5)],
      ['<', my.result('1')],
      ['>', concat(my.command(25, '\x05\0\0\0'), my.execute(5))],
      ['<', my.error(1243, 'HY000', 'Unknown prepared statement handler')],
      ['>', my.command(1)],
    ],
    [
      '> SELECT a FROM t WHERE b = ?',
      '< ok',
      '> SELECT a FROM t WHERE b = ?',
      '< ok',
      '! COM_STMT_CLOSE',
      '> COM_STMT_EXECUTE',
      '< Unknown prepared statement handler',
      '! COM_QUIT',
    ],
  ],
  [
    'a file from the client',
    [
      ['>', my.query("LOAD DATA LOCAL INFILE 'f' INTO TABLE t")],
      ['<', my.packet(1, '\xfbf')],
      ['>', concat(my.packet(2, 'a\tb\n'), my.packet(3))],
      ['<', my.ok(4)],
      ['>', my.query('SELECT 1')],
      ['<', my.result('1')],
    ],
    ["> LOAD DATA LOCAL INFILE 'f' INTO TABLE t", '< ok', '> SELECT 1', '< ok'],
  ],
];

it.each(TABLE)('mysql: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('mysql: knows database, command and normal form', () => {
  const { spans } = converse([
    ...login,
    ['>', my.query('SELECT `a` FROM t WHERE b = "x" # why')],
    ['<', my.result('1')],
  ]);
  expect(spans[1]).toMatchObject({
    domain: 'store',
    method: 'COM_QUERY',
    endpoint: 'SELECT `a` FROM t WHERE b = ?',
    status: 'ok',
  });
});

it('mysql: without EOF packets, as agreed at the login', () => {
  const capabilities = 0x100_a28d;
  const rows = concat(
    my.packet(1, '\x01'),
    my.column(2, 'a'),
    my.packet(3, '\x011'),
    my.packet(4, '\xfe\0\0\x02\0\0\0'),
  );
  const { messages } = converse([
    ['<', my.greeting(0x100_ffff)],
    ['>', my.login('u', '', capabilities)],
    ['<', my.ok(2)],
    ['>', my.query('SELECT 1')],
    ['<', rows],
    ['>', my.query('SELECT 2')],
    ['<', rows],
  ]);
  expect(outline(messages).slice(2)).toEqual(['> SELECT 1', '< ok', '> SELECT 2', '< ok']);
});
