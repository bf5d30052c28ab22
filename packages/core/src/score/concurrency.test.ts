import { expect, it } from 'vitest';
import { traceFromText } from '../testing/index';
import { Concurrency } from './concurrency';
import { hop } from './test-hops';
import { trueParents } from './true-parents';

it('counts the requests that a process had in hand when a span began', () => {
  const drawn = traceFromText(`
    one    [---------]      s-p shop
    two       [---------]   s-p shop
    other  [------------]   s-p stock
    alone  [-]              c-p shop
    both        [-]         c-p shop
    last              [-]   c-p shop
    after                  [-] c-p shop
  `);
  const spans = drawn.filter((span) => span.type === 'sys');
  const concurrency = new Concurrency(spans, new Map());
  expect(spans.map((span) => [span.id, concurrency.at(span)])).toEqual([
    ['one', 1],
    ['two', 2],
    ['other', 1],
    ['alone', 1],
    ['both', 2],
    ['last', 1],
    ['after', 1],
  ]);
});

it('takes a message to be in hand until its last call ended', () => {
  const oneway = { oneway: true, messageType: 'request' as const };
  const spans = [
    hop('s-p', 'client>shop a', { ...oneway, start: 0, end: 0 }),
    hop('s-p', 'client>shop b', { ...oneway, start: 1, end: 1 }),
    hop('c-p', 'shop>stock c<a', { start: 5, end: 20 }),
    hop('c-p', 'shop>stock d<b', { start: 10, end: 12 }),
  ];
  const concurrency = new Concurrency(spans, trueParents(spans).parents);
  expect(spans.map((span) => concurrency.at(span))).toEqual([1, 2, 2, 2]);
});
