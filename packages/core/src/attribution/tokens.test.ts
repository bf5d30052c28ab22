import { expect, it } from 'vitest';
import { testSpan } from '../testing/index';
import { tokenTable } from './tokens';

it('keeps the words that tell messages of a kind apart, and drops those that make the kind', () => {
  const spans = Array.from({ length: 40 }, (_, i) =>
    testSpan({ id: `s${i}`, resource: i % 8 === 0 ? `/visits/${i % 16}` : `/orders/${100 + (i % 10)}` } as never),
  );
  const { names, lists } = tokenTable(spans, ({ resource }) => resource!.split('/')[1]!);
  const words = lists.map((list) => list.map((token) => names[token]));
  expect(words[0]).toEqual(['0']);
  expect(words[1]).toEqual(['101']);
  expect(words.flat()).not.toContain('visits');
  expect(words.flat()).not.toContain('orders');
});
