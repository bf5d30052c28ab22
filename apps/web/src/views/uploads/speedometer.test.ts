import { expect, it } from 'vitest';
import { speedometer } from './speedometer';

it('measures over the last seconds only', () => {
  const speed = speedometer();
  expect(speed(0, 0)).toBe(0);
  expect(speed(1000, 1000)).toBe(1000);
  expect(speed(1000, 2000)).toBe(500);
  expect(speed(1000, 9000)).toBe(0);
});
