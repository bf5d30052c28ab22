import { describe, expect, it } from 'vitest';
import { epochNanoseconds, formatAgo, formatInstant, formatZone } from './instant';

describe('instants', () => {
  it('adds relative times to the origin without losing nanoseconds', () => {
    expect(epochNanoseconds('1795392000000000000', 37_867_204_518_123)).toBe(1_795_429_867_204_518_123n);
  });

  it('shows microseconds in the zone asked for', () => {
    expect(formatInstant(1_795_429_867_204_518_123n, 'UTC')).toBe('2026-11-23 10:31:07.204518');
    expect(formatInstant(1_795_429_867_204_518_123n, 'Asia/Tokyo')).toBe('2026-11-23 19:31:07.204518');
    expect(formatZone(1_795_429_867_204_518_123n, 'Asia/Tokyo')).toBe('UTC+09:00');
  });

  it('keeps microseconds positive before 1970', () => {
    expect(formatInstant(-1n, 'UTC')).toBe('1969-12-31 23:59:59.999999');
  });

  it.each([
    [3, 'just now'],
    [40, '40 s ago'],
    [600, '10 min ago'],
    [7200, '2 h ago'],
    [90_000, 'yesterday'],
    [400_000, '4 days ago'],
  ])('%d s', (seconds, text) => {
    const now = new Date('2026-11-23T10:00:00Z');
    expect(formatAgo(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
  });
});
