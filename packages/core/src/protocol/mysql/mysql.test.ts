import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { my } from '../test-bytes';
import { converse, essence, outline, type Turn } from '../test-conversation';

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
    "MariaDB's EXECUTE of the statement prepared last, and a result without definitions",
    [
      ...login,
      ['>', concat(my.prepare('SELECT a FROM t WHERE b = ?'), my.execute(0xffffffff))],
      ['<', concat(my.prepared(5, 1, 1), my.result('1'))],
      ['>', my.execute(0xffffffff)],
      ['<', concat(my.packet(1, '\x01\0'), my.eof(2), my.packet(3, '\x012'), my.eof(4))],
      ['>', my.command(0xfa, '\x05\0\0\0\x80\0\x03\0\0\x14\0\0\0')],
      ['<', my.ok()],
      ['>', my.command(14)],
      ['<', my.ok()],
    ],
    [
      '> Login username: shop db: store',
      '< ok',
      '> SELECT a FROM t WHERE b = ?',
      '> SELECT a FROM t WHERE b = ?',
      '< ok',
      '< ok',
      '> SELECT a FROM t WHERE b = ?',
      '< ok',
      '> SELECT a FROM t WHERE b = ?',
      '< ok',
      '> COM_PING',
      '< ok',
    ],
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
    'in frames of the compressed protocol: what is not compressed is read, the rest passed over',
    [
      ['<', my.greeting()],
      ['>', my.login('shop', '', 0xa2ad)],
      ['<', my.ok(2)],
      ['>', my.frame(0, my.query('SELECT 1'))],
      ['<', my.frame(1, my.result('1'))],
      ['>', my.frame(0, 'zzzz', 99)],
      ['<', concat(my.frame(1, 'zzz', 9000), my.frame(2, my.eof(3)))],
      ['>', my.frame(0, my.query('SELECT 2'))],
      ['<', concat(my.frame(1, my.result('1').slice(0, 20)), my.frame(2, my.result('1').slice(20)))],
      ['>', my.frame(0, my.query('SELECT 3'))],
      ['<', my.frame(1, my.error(1064, '42000', 'You have an error'))],
    ],
    [
      '> Login username: shop',
      '< ok',
      '> SELECT 1',
      '< ok',
      '> COMPRESSED',
      '> SELECT 2',
      '< unknown',
      '< ok',
      '> SELECT 3',
      '< You have an error',
    ],
  ],
  [
    'compressed from before the capture began',
    [
      ['>', my.frame(0, my.query('SELECT 1'))],
      ['<', my.frame(1, 'zzz', 9000)],
      ['>', my.frame(0, my.command(1))],
    ],
    ['> SELECT 1', '! COM_QUIT', '< unknown …'],
  ],
  [
    'an answer that is compressed from its second frame on',
    [
      ['>', my.frame(0, my.query('SELECT 1'))],
      ['<', concat(my.frame(1, my.packet(1, '\x01')), my.frame(2, 'zzz', 9000))],
      ['>', my.frame(0, my.query('SELECT 2'))],
      ['<', my.frame(1, my.ok())],
    ],
    ['> SELECT 1', '> SELECT 2', '< unknown', '< ok'],
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
    endpoint: 'SELECT t',
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

it('mysql: an EXECUTE shows its statement with the values that it runs with', () => {
  const le = (value: number, size: number): Uint8Array =>
    Uint8Array.from({ length: size }, (_, i) => (value / 256 ** i) & 255);
  const text = (value: string): Uint8Array => concat(Uint8Array.of(value.length), value);
  const execute = (...rest: (Uint8Array | string)[]): Uint8Array =>
    my.command(23, concat(le(5, 4), '\0', le(1, 4), ...rest));
  const types = '\x08\0\x01\x80\xfd\0\x0c\0\x0b\0\xfc\0\xfc\0\x05\0';
  const sql = "INSERT INTO t VALUES (?, ?, ?, '?', ?, ?, ?, ?, ?)";
  const long = concat(le(5, 4), le(6, 2), 'data');
  const { messages } = converse([
    ['>', my.prepare(sql)],
    ['<', my.prepared(5, 8, 0)],
    ['>', my.command(24, long)],
    [
      '>',
      execute(
        '\x00\x01',
        types,
        '\xfe\xff\xff\xff\xff\xff\xff\xff',
        '\xff',
        text("it's"),
        concat('\x0b', le(2024, 2), '\x02\x03\x04\x05\x06', le(70, 4)),
        concat('\x08\x01', le(1, 4), '\x02\x03\x04'),
        text('\0\x01'),
        Uint8Array.from(new Uint8Array(Float64Array.of(1.5).buffer)),
      ),
    ],
    ['<', my.ok()],
    ['>', execute('\xfe\0', le(7, 8))],
    ['<', my.ok()],
    ['>', my.execute(5)],
  ]);
  const executed = messages.filter(({ fields }) => fields.method === 'COM_STMT_EXECUTE').map(({ fields }) => fields);
  expect(executed.map(({ resource }) => resource)).toEqual([
    "INSERT INTO t VALUES (-2, 255, 'it''s', '?', '2024-02-03 04:05:06.000070', '-1 02:03:04', x'0001', ?, 1.5)",
    "INSERT INTO t VALUES (7, NULL, NULL, '?', NULL, NULL, NULL, NULL, NULL)",
    sql,
  ]);
  expect(executed[0]!.endpoint).toBe('INSERT t');
});

it('mysql: frames of the compressed protocol may be cut anywhere', () => {
  const turns: readonly Turn[] = [
    ['<', my.greeting()],
    ['>', my.login('shop', '', 0xa2ad)],
    ['<', my.ok(2)],
    ['>', my.frame(0, my.query('SELECT 1'))],
    ['<', concat(my.frame(1, my.result('1').slice(0, 20)), my.frame(2, my.result('1').slice(20)))],
    ['>', my.frame(0, 'zzzz', 99)],
    ['<', concat(my.frame(1, 'zzz', 9000), my.frame(2, my.eof(3)))],
    ['>', my.frame(0, my.query('SELECT 2'))],
    ['<', my.frame(1, my.ok())],
  ];
  const whole = converse(turns).messages.map(essence);
  for (const [turn, [, data]] of turns.entries()) {
    for (let at = 1; at < data.length; at += 1) {
      const cut = (bytes: Uint8Array, index: number) =>
        index === turn ? [bytes.slice(0, at), bytes.slice(at)] : [bytes];
      expect(converse(turns, { cut }).messages.map(essence), `turn ${turn} cut at ${at}`).toEqual(whole);
    }
  }
});
