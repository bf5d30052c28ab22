import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pathEndpoint } from './path-endpoint';
import type { MutableFields } from './protocol-parser';
import { normaliseSql, readSql } from './sql';
import { summariseSql } from './sql-summary';

it.each([
  ['/', '/'],
  ['/products/17?x=1#y', '/products/{id}'],
  ['/v2/users/550e8400-e29b-41d4-a716-446655440000/posts', '/v2/users/{id}/posts'],
  ['/commit/9f86d081884c7d65', '/commit/{id}'],
  ['/order-4711/items', '/order-{id}/items'],
  ['http://shop.test/a/1', '/a/{id}'],
  ['/api/face/deadbeef', '/api/face/deadbeef'],
  ['*', '*'],
  ['/orders/12/items/345/', '/orders/{id}/items/{id}/'],
  ['/v2/12.5/007', '/v2/12.5/{id}'],
  ['12', '{id}'],
])('path %s → %s', (path, expected) => {
  expect(pathEndpoint(path)).toBe(expected);
});

it.each([
  ["SELECT * FROM t WHERE id = 7 AND n = 'it''s'", 'SELECT * FROM t WHERE id = ? AND n = ?'],
  ['select a1, "b 2" from t2 where x in (1, 2,3)', 'select a1, "b 2" from t2 where x in (?)'],
  ['INSERT INTO t VALUES (1, 2), (3, 4);', 'INSERT INTO t VALUES (?)'],
  ['SELECT $1::int -- why\n + 1.5e3 /* b */', 'SELECT ?::int + ?'],
  ["SELECT E'a\\'b', $tag$ x ' $tag$", 'SELECT ?, ?'],
  ["SELECT 'never closed", 'SELECT ?'],
])('SQL %s', (sql, expected) => {
  expect(normaliseSql(sql)).toBe(expected);
});

it.each([
  ["SELECT a, f(b) FROM orders WHERE id = 7 AND n = 'x'", 'SELECT', 'SELECT orders'],
  ['select * from shop."Order Items" o join b on true', 'SELECT', 'SELECT shop.Order Items'],
  ['SELECT * FROM (SELECT 1 FROM inner_t) x', 'SELECT', 'SELECT inner_t'],
  ["SELECT extract(year FROM at), trim(' ' FROM n) FROM t", 'SELECT', 'SELECT t'],
  ['SELECT a IS DISTINCT FROM b FROM t', 'SELECT', 'SELECT t'],
  ['SELECT (SELECT max(a) FROM s), b FROM t', 'SELECT', 'SELECT s'],
  ['SELECT * FROM generate_series(1, 9) g, t', 'SELECT', 'SELECT * FROM generate_series(?) g, t'],
  ['WITH a AS (SELECT 1 FROM x), b (n) AS (SELECT 2) SELECT * FROM a JOIN c ON true', 'SELECT', 'SELECT c'],
  ['WITH RECURSIVE a AS (SELECT 1) INSERT INTO t SELECT * FROM a', 'INSERT', 'INSERT t'],
  ['SELECT version(), 7', 'SELECT', 'SELECT version(), ?'],
  ['insert into t (a) values (1)', 'INSERT', 'INSERT t'],
  ['UPDATE ONLY s.t SET a = 1', 'UPDATE', 'UPDATE s.t'],
  ['DELETE FROM t WHERE a = 1', 'DELETE', 'DELETE t'],
  ['CREATE TABLE IF NOT EXISTS t (a int)', 'CREATE', 'CREATE t'],
  ['DROP INDEX CONCURRENTLY i', 'DROP', 'DROP i'],
  ['SELECT * FROM user WHERE id = 7', 'SELECT', 'SELECT user'],
  ['CREATE UNIQUE INDEX index ON t (a)', 'CREATE', 'CREATE index'],
  ['CREATE TABLE domain (a int)', 'CREATE', 'CREATE domain'],
  ['TRUNCATE TABLE t', 'TRUNCATE', 'TRUNCATE t'],
  ['CALL p(1)', 'CALL', 'CALL p'],
  ['SET search_path = 7', 'SET', 'SET search_path = ?'],
  ['BEGIN', 'BEGIN', 'BEGIN'],
  ['(SELECT a FROM t) UNION (SELECT b FROM u)', 'SELECT', 'SELECT t'],
  ['', '', ''],
  ['$1', '', '?'],
])('endpoint of %s', (sql, verb, endpoint) => {
  const fields: MutableFields = {};
  readSql(sql, fields);
  expect([fields.method, fields.endpoint]).toEqual([verb, endpoint]);
});

it('endpoint of MySQL: names in backticks', () => {
  const fields: MutableFields = {};
  readSql('INSERT IGNORE INTO `db`.`a ``b` VALUES ("x")', fields, 'mysql');
  expect(fields.endpoint).toBe('INSERT db.a `b');
});

const SQL_PIECES = [
  ...[
    'SELECT',
    'FROM',
    'items',
    't2',
    'a$1',
    'é',
    '7',
    '42',
    '0x1F',
    '1.5e3',
    '.5',
    '$1',
    '?',
    ' ',
    ',',
    '(',
    ')',
    ';',
  ],
  ...["'", "''", "'it 5'", "N'x 1'", "E'\\'", '"b 2"', '`c 3`', '$tag$', '$$', '--', '/*', '*/', '#', '\n', '\\'],
];

it.each(['standard', 'mysql'] as const)('%s: values of whatever form leave the endpoint as it is', (dialect) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...SQL_PIECES), { maxLength: 12 }), (pieces) => {
      const sql = pieces.join('');
      const fields: MutableFields = {};
      readSql(sql, fields, dialect);
      const normal = normaliseSql(sql, dialect);
      const { verb, target } = summariseSql(normal);
      expect(fields.endpoint).toBe(target === undefined ? normal : `${verb} ${target}`);
    }),
    { numRuns: 1000 },
  );
});
