import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../src/native/native-addon';
import { DEFAULT_NAMES } from '../src/redact/name-set';
import { type OpenValues, Redactor } from '../src/redact/redactor';
import { LACKING } from './support/recorded';

/** Bytes that repeat near and far, in short and long runs, between others that do not. */
const repetitive = fc
  .array(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 2000 })),
      fc.tuple(fc.constant(new Uint8Array(256).map((_, i) => i)), fc.integer({ min: 1, max: 300 })),
    ),
    { maxLength: 20 },
  )
  .map((parts) =>
    Buffer.concat(
      parts.map((part) =>
        part instanceof Uint8Array ? part : Buffer.concat(Array.from({ length: part[1] }, () => part[0])),
      ),
    ),
  );

describe.skipIf(LACKING !== '')(`what the addon does beside recording (needs ${LACKING || 'nothing more'})`, () => {
  it('compresses to gzip that every reader inflates to the same bytes, or says that it would not be smaller', async () => {
    const addon = loadAddon();
    await fc.assert(
      fc.asyncProperty(fc.oneof(repetitive, fc.uint8Array({ maxLength: 500 })), async (bytes) => {
        const gzipped = await addon.gzip(bytes);
        if (gzipped === undefined) return;
        expect(gzipped.length).toBeLessThan(bytes.length);
        expect(Buffer.compare(gunzipSync(gzipped), bytes)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('finds a repetition at every length and distance that gzip knows', async () => {
    const addon = loadAddon();
    const noise = (length: number, seed: number) =>
      Uint8Array.from({ length }, (_, i) => Math.imul(i * 2 + seed, 2654435761) >>> 24);
    for (const distance of [1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 4096, 32_767, 32_768, 32_769]) {
      for (const length of [4, 5, 10, 11, 257, 258, 259, 260, 261, 516, 517, 700]) {
        const before = noise(distance, 1);
        const repeated = Uint8Array.from({ length }, (_, i) => before[i % distance]!);
        const bytes = Buffer.concat([before, repeated, noise(50, 9), new Uint8Array(1000)]);
        const gzipped = await addon.gzip(bytes);
        if (gzipped !== undefined) expect(Buffer.compare(gunzipSync(gzipped), bytes)).toBe(0);
      }
    }
  });

  it('makes less of what repeats, and nothing of what does not', async () => {
    const addon = loadAddon();
    const text = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"page":1}'.repeat(200));
    expect((await addon.gzip(text))!.length).toBeLessThan(text.length / 20);
    const random = crypto.getRandomValues(new Uint8Array(10_000));
    expect(await addon.gzip(random)).toBeUndefined();
    expect(await addon.gzip(new Uint8Array(0))).toBeUndefined();
  });

  it('finds names of secrets wherever masking would change a byte', () => {
    const addon = loadAddon();
    const names = [...DEFAULT_NAMES, 'x'];
    const redactor = new Redactor({ names, literals: false });
    const others = [
      'TOKEN',
      'y',
      'é',
      '"',
      ' ',
      ':',
      '=',
      '\r\n',
      'value',
      '{',
      '\t',
      '*',
      'a much longer value of many letters',
    ];
    const piece = fc.constantFrom(...names, ...others);
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')));
    let ruledOut = 0;
    fc.assert(
      fc.property(text, (bytes) => {
        if (!addon.findsNone(names, bytes)) return;
        ruledOut += 1;
        const [masked, socket]: [Buffer, OpenValues] = [Buffer.from(bytes), {}];
        redactor.apply(masked, 0, masked.length, socket, 1, 0);
        expect(masked.toString()).toBe(bytes.toString());
        expect(socket.openValue ?? ['none', 'none', 'none']).toEqual(['none', 'none', 'none']);
      }),
      { numRuns: 3000 },
    );
    expect(ruledOut).toBeGreaterThan(0);
    expect(addon.findsNone([], Buffer.from('harmless'))).toBe(false);
  });
});
