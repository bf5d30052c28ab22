import { expect, it } from 'vitest';
import { decimal } from './ascii';

it.each<[string | undefined, number]>([
  ['0', 0],
  ['007', 7],
  ['999999999999999', 999_999_999_999_999],
  ['9999999999999999', Number.NaN],
  ['1.5', Number.NaN],
  ['1e3', Number.NaN],
  ['0x10', Number.NaN],
  ['-1', Number.NaN],
  ['', Number.NaN],
  [undefined, Number.NaN],
])('reads %j as %d', (text, value) => {
  expect(decimal(text)).toBe(value);
});
