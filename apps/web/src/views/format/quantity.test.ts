import { expect, it } from 'vitest';
import { formatBytes, formatCount, formatPlural } from './quantity';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [1_048_064, '1.0 MiB'],
  [734_003_200, '700 MiB'],
])('%d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it('groups thousands and agrees in number', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatPlural(1, 'span')).toBe('1 span');
  expect(formatPlural(1200, 'query', 'queries')).toBe('1,200 queries');
});
