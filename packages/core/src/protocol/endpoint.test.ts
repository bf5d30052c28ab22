import { expect, it } from 'vitest';
import { pathEndpoint } from './path-endpoint';
import { normaliseSql } from './sql';

it.each([
  ['/', '/'],
  ['/products/17?x=1#y', '/products/{id}'],
  ['/v2/users/550e8400-e29b-41d4-a716-446655440000/posts', '/v2/users/{id}/posts'],
  ['/commit/9f86d081884c7d65', '/commit/{id}'],
  ['/order-4711/items', '/order-{id}/items'],
  ['http://shop.test/a/1', '/a/{id}'],
  ['/api/face/deadbeef', '/api/face/deadbeef'],
  ['*', '*'],
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
