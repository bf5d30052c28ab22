import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nodeCodec } from '../file/node-codec';
import { portableCodec } from './frame-codec';

const LIMIT = 64 * 1024 * 1024;

describe.each([
  ['portable', portableCodec, nodeCodec],
  ['node', nodeCodec, portableCodec],
])('%s codec', (_, codec, other) => {
  it.each([0, 1, 1000, 300_000])('inflates what the other codec deflated: %i bytes', (length) => {
    const bytes = new Uint8Array(Buffer.concat([randomBytes(length / 2), Buffer.alloc(length / 2, 'abc')]));
    expect(Buffer.compare(codec.gunzip(other.gzip(bytes), LIMIT)!, bytes)).toBe(0);
  });

  it('refuses a bomb without inflating it whole', () => {
    const bomb = gzipSync(Buffer.alloc(3 * LIMIT));
    const before = process.memoryUsage();
    expect(codec.gunzip(bomb, LIMIT)).toBeUndefined();
    const after = process.memoryUsage();
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    expect(grown).toBeLessThan(2.5 * LIMIT);
  });

  it('refuses what is cut or no gzip', () => {
    const whole = gzipSync(randomBytes(1000));
    expect(codec.gunzip(whole.subarray(0, 500), LIMIT)).toBeUndefined();
    expect(codec.gunzip(whole.subarray(0, 5), LIMIT)).toBeUndefined();
    expect(codec.gunzip(new Uint8Array(0), LIMIT)).toBeUndefined();
    expect(codec.gunzip(randomBytes(100), LIMIT)).toBeUndefined();
  });
});
