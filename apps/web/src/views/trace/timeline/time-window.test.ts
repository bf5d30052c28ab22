import fc from 'fast-check';
import { expect, it } from 'vitest';
import { panWindow, zoomWindow } from './time-window';

const WHOLE = { from: 1000, to: 101_000 };

it('zooms about the instant under the pointer', () => {
  const zoomed = zoomWindow(WHOLE, 0.5, 26_000, WHOLE);
  expect(zoomed).toEqual({ from: 13_500, to: 63_500 });
});

it('never leaves the trace, however it is moved', () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.1, max: 10, noNaN: true }), at: fc.integer({ min: 1000, max: 101_000 }) }),
      fc.record({ pan: fc.double({ min: -3, max: 3, noNaN: true }) }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(moves, (steps) => {
      let window = WHOLE;
      for (const step of steps) {
        window = 'pan' in step ? panWindow(window, step.pan, WHOLE) : zoomWindow(window, step.zoom, step.at, WHOLE);
        expect(window.from).toBeGreaterThanOrEqual(WHOLE.from - 1e-6);
        expect(window.to).toBeLessThanOrEqual(WHOLE.to + 1e-6);
        expect(window.to - window.from).toBeGreaterThan(99);
      }
    }),
  );
});
