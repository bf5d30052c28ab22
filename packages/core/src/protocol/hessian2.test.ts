import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Cursor } from '../base/cursor';
import { concat, latin1 } from '../event/test-scene';
import { HessianReader } from './hessian2';
import { hessian } from './test-bytes-rpc';

const readerOf = (bytes: Uint8Array) => new HessianReader(new Cursor().reset(bytes, 0, bytes.length, true));

/** Values as the specification's examples write them, each followed by the text "end". */
it.each([
  ['short binary', '\x23abc'],
  ['binary of two bytes of length', '\x34\x02ab'],
  ['ints', '\x80'],
  ['int of two bytes', '\xc7\0'],
  ['int of three bytes', '\xd0\0\0'],
  ['longs', '\xe0'],
  ['long of two bytes', '\xf8\0'],
  ['long of three bytes', '\x3c\0\0'],
  ['long of four bytes', '\x59\0\0\0\0'],
  ['doubles', '\x5b'],
  ['double of one byte', '\x5d\x80'],
  ['double of two bytes', '\x5e\x80\0'],
  ['double of four bytes', '\x5f\0\0\x2f\xda'],
  ['date of minutes', '\x4b\0\xe3\x83\x8f'],
  ['typed list of fixed length', 'V\x04[int\x92\x90\x91'],
  ['typed list of open length', 'U\x04[int\x90\x91Z'],
  ['untyped list of fixed length', 'X\x92\x90\x91'],
  ['short list', '\x7a\x90\x91'],
  ['map in a list', '\x79H\x91\x03feeZ'],
  ['reference', 'Q\x91'],
  ['object after its class', 'C\x0bexample.Car\x92\x05color\x05model\x60\x03red\x08corvette'],
])('hessian: passes over a value: %s', (_name, value) => {
  const reader = readerOf(concat(latin1(value), hessian.text('end')));
  reader.skip();
  expect(reader.string()).toBe('end');
  expect(reader.cursor.overrun).toBe(false);
});

it.each([
  ['an empty one', '\0', ''],
  ['one of 32 or more units', `\x30\x20${'x'.repeat(32)}`, 'x'.repeat(32)],
  ['several bytes a unit', '\x02\xc3\xa9\xe2\x82\xac', 'é€'],
  ['chunks', 'R\0\x02abS\0\x01c', 'abc'],
])('hessian: text: %s', (_name, bytes, expected) => {
  expect(readerOf(latin1(bytes)).string()).toBe(expected);
});

it('hessian: reads nothing twice and always ends, on any bytes', () => {
  const deep = fc.array(fc.constantFrom(0x43, 0x41, 0x57, 0x48, 0x4d, 0x60, 0x52, 0x00, 0x90), { maxLength: 20_000 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        deep.map((values) => Uint8Array.from(values)),
      ),
      (bytes) => {
        const reader = readerOf(bytes);
        reader.members(() => reader.string() !== undefined);
        while (!reader.cursor.overrun && reader.cursor.remaining > 0) {
          const { remaining } = reader.cursor;
          reader.skip();
          expect(reader.cursor.remaining).toBeLessThan(remaining);
        }
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

it.each([0x43, 0x41, 0x57, 0x48, 0x52])('hessian: thousands of %i within one another do no harm', (tag) => {
  const bytes = new Uint8Array(16_384).fill(tag === 0x43 ? 0 : tag);
  if (tag === 0x43) for (let at = 0; at + 2 < bytes.length; at += 3) bytes.set([0x43, 0, 0x90], at);
  const reader = readerOf(bytes);
  reader.skip();
  expect(reader.cursor.position).toBeGreaterThan(0);
});
