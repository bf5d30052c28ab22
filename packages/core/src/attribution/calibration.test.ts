import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrated } from './calibration';

it('is surer the larger the lead, and never quite sure', () => {
  const lead = fc.double({ min: -100, max: 1000, noNaN: true });
  fc.assert(
    fc.property(lead, lead, (a, b) => {
      const [less, more] = a < b ? [a, b] : [b, a];
      expect(calibrated(less)).toBeLessThanOrEqual(calibrated(more));
      expect(calibrated(more)).toBeLessThan(1);
      expect(calibrated(less)).toBeGreaterThan(0);
    }),
  );
  expect(calibrated(4)).toBeCloseTo((calibrated(3) + calibrated(5)) / 2);
});
