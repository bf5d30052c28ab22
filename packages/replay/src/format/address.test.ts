import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address';

describe('addresses', () => {
  it.each([
    ['127.0.0.1', 4],
    ['0.0.0.0', 4],
    ['::1', 6],
    ['::', 6],
    ['2001:db8::1', 6],
    ['2001:db8:0:1:1:1:1:1', 6],
    ['2001:0:0:1::1', 6],
    ['fe80::a:0:0:1', 6],
  ] as const)('%s reads back as it was written', (text, family) => {
    const parsed = parseAddress(text);
    expect(parsed?.family).toBe(family);
    expect(formatAddress(family, parsed!.bytes)).toBe(text);
  });

  it('shows a v4-mapped address as v4', () => {
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7);
    expect(formatAddress(6, mapped)).toBe('10.0.0.7');
    expect(parseAddress('::ffff:10.0.0.7')).toEqual(parseAddress('10.0.0.7'));
  });

  it.each(['', '1.2.3', '1.2.3.256', '1:2:3', '::1::', '1:2:3:4:5:6:7:8:9', 'g::'])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});
