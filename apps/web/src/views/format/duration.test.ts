import { describe, expect, it } from 'vitest';
import { formatDuration, formatTick, parseDuration } from './duration';

describe('formatDuration', () => {
  it.each([
    [0, '0 ns'],
    [850, '850 ns'],
    [999.6, '1.00 µs'],
    [1_240_000, '1.24 ms'],
    [12_400_000, '12.4 ms'],
    [99_960_000, '100 ms'],
    [999_600_000, '1.00 s'],
    [59_960_000_000, '1 min 0 s'],
    [3_725_000_000_000, '1 h 2 min'],
    [-213_000, '−213 µs'],
  ])('%d ns is %s', (ns, text) => expect(formatDuration(ns)).toBe(text));
});

describe('formatTick', () => {
  it('uses the unit of the step, not of the value', () => {
    expect(formatTick(1_500_000, 500_000)).toBe('1500 µs');
    expect(formatTick(2_500_000_000, 500_000_000)).toBe('2500 ms');
    expect(formatTick(0, 5)).toBe('0');
  });
});

describe('parseDuration', () => {
  it.each([
    ['5', 5e6],
    ['1.5 s', 1.5e9],
    ['250µs', 250e3],
    ['2m', 120e9],
    ['fast', undefined],
    ['', undefined],
  ])('reads %s', (text, ns) => expect(parseDuration(text)).toBe(ns));
});
