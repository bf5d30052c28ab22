import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 } from './crc32';

it('gives the check value of the CRC catalogue', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

it('agrees with zlib on any bytes, at any alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 9 }), (bytes, skip) => {
      const part = bytes.subarray(Math.min(skip, bytes.length));
      expect(crc32(part)).toBe(zlibCrc32(part));
    }),
  );
});
