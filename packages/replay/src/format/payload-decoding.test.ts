import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadPayload, decodePayload } from './payload-decoding';
import { encodePayload } from './payload-encoding';

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    // The writer stores −0 as the integer 0.
    fc.double().map((number) => number + 0),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('any'), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 20 }),
  ),
})).any;

/** What a payload map becomes: maps without prototype, Uint8Array for Buffer. */
const plain = (decoded: unknown): unknown => {
  if (decoded instanceof Uint8Array) return Uint8Array.from(decoded);
  if (Array.isArray(decoded)) return decoded.map(plain);
  if (typeof decoded !== 'object' || decoded === null) return decoded;
  return Object.fromEntries(Object.entries(decoded).map(([key, member]) => [key, plain(member)]));
};

describe('decodePayload', () => {
  it('reads whatever the writer encodes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { maxKeys: 8 }), (map) => {
        expect(plain(decodePayload(encodePayload(map)))).toEqual(plain(map));
      }),
    );
  });

  it('never throws anything but BadPayload, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePayload(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BadPayload);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a list of four billion elements', [0x81, 0xa1, 0x61, 0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of four billion entries', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a binary of four billion bytes', [0x81, 0xa1, 0x61, 0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['a thousand lists in each other', [0x81, 0xa1, 0x61, ...new Array<number>(1000).fill(0x91), 0xc0]],
    ['bytes after the end', [0x80, 0xc0]],
    ['no map', [0x93, 1, 2, 3]],
    ['nothing', []],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodePayload(Uint8Array.from(bytes))).toThrow(BadPayload);
  });

  it('refuses more values than any payload needs', () => {
    const empty = new Uint8Array(4_200_000 + 8).fill(0x90);
    empty.set([0x81, 0xa1, 0x61, 0xdd]);
    new DataView(empty.buffer).setUint32(4, 4_200_000);
    expect(() => decodePayload(empty)).toThrow('too many values');
  });

  it('keeps a key named __proto__ a key', () => {
    const map = decodePayload(Uint8Array.of(0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 7));
    expect(Object.keys(map)).toEqual(['__proto__']);
  });
});
