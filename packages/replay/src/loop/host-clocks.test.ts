import type { HostId, TimeOrigin } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { HostClocks, midnightBefore } from './host-clocks';

const A = 'a' as HostId;
const B = 'b' as HostId;
const NOON = 1_767_355_200_000_000_000n;
const HOUR = 3_600_000_000_000;

describe('HostClocks', () => {
  it('puts the origin at midnight UTC of the first day', () => {
    expect(midnightBefore(NOON)).toBe(1_767_312_000_000_000_000n);
    const clocks = new HostClocks();
    clocks.observe(A, { monotonic: 5n, realtime: NOON });
    expect(clocks.timeOrigin).toBe(midnightBefore(NOON));
    expect(clocks.timeShift(A, 5n)).toBe(12 * HOUR);
  });

  it('keeps the origin that was given', () => {
    const clocks = new HostClocks(0n as TimeOrigin);
    clocks.observe(A, { monotonic: 0n, realtime: 7n });
    expect(clocks.timeShift(A, 3n)).toBe(10);
  });

  it('is exact to the nanosecond after a year of uptime', () => {
    const year = 31_536_000_000_000_000n;
    const clocks = new HostClocks();
    clocks.observe(A, { monotonic: year, realtime: NOON });
    expect(clocks.timeShift(A, year + 1n) - clocks.timeShift(A, year)).toBe(1);
  });

  it('does not let a later pair of a host move its times', () => {
    const clocks = new HostClocks();
    clocks.observe(A, { monotonic: 0n, realtime: NOON });
    clocks.observe(A, { monotonic: 10n, realtime: NOON - 500n });
    expect(clocks.timeShift(A, 10n)).toBe(12 * HOUR + 10);
  });

  it('places each host by its own clock', () => {
    const clocks = new HostClocks();
    clocks.observe(A, { monotonic: 100n, realtime: NOON });
    clocks.observe(B, { monotonic: 9_000n, realtime: NOON });
    expect(clocks.timeShift(A, 100n)).toBe(clocks.timeShift(B, 9_000n));
  });

  it('gives a host without a clock its own time since boot', () => {
    expect(new HostClocks().timeShift(A, 42n)).toBe(42);
  });
});
