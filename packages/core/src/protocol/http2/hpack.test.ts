import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1 } from '../../event/test-scene';
import { type FieldName, READ_FIELDS, STATIC_TABLE } from './field-names';
import { HpackDecoder } from './hpack';

type Decoded = [name: FieldName, value: string | undefined];

function decode(decoder: HpackDecoder, bytes: Uint8Array): Decoded[] {
  const fields: Decoded[] = [];
  expect(decoder.decode(bytes, 0, bytes.length, { field: (name, value) => fields.push([name, value]) })).toBe(true);
  return fields;
}

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

describe('HPACK', () => {
  it('reads the requests of RFC 7541, C.4', () => {
    const decoder = new HpackDecoder();
    expect(decode(decoder, hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))).toEqual([
      [':method', 'GET'],
      ['pseudo', undefined],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ]);
    expect(decode(decoder, hex('8286 84be 5886 a8eb 1064 9cbf'))).toContainEqual([':authority', 'www.example.com']);
    expect(decode(decoder, hex('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'))).toEqual([
      [':method', 'GET'],
      ['pseudo', undefined],
      [':path', '/index.html'],
      [':authority', 'www.example.com'],
      ['other', undefined],
    ]);
  });

  it('reads the responses of RFC 7541, C.6, with a table that is always full', () => {
    const decoder = new HpackDecoder();
    const blocks = [
      '3fe1 0148 8264 0258 85ae c377 1a4b 6196 d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff 6e91 9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3',
      '4883 640e ffc1 c0bf',
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    ];
    expect(blocks.map((block) => decode(decoder, hex(block))[0])).toEqual([
      [':status', '302'],
      [':status', '307'],
      [':status', '200'],
    ]);
  });

  it.each([
    ['an index of 0', '80'],
    ['an index that no table has', 'ff80 8004'],
    ['an endless integer', 'ffff ffff ffff ffff ff'],
    ['a text that is longer than the block', '4085 6162'],
    ['a name without letters', '4000 00'],
    ['the end-of-string symbol', '0484 ffff ffff'],
    ['padding of more than seven bits', '0482 63ff'],
    ['a literal without value', '44'],
  ])('refuses %s', (_name, bytes) => {
    const block = hex(bytes);
    expect(new HpackDecoder().decode(block, 0, block.length, { field: () => {} })).toBe(false);
  });

  it('survives random bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder();
        for (const block of blocks) {
          decoder.decode(block, 0, block.length, {
            field: (_name, value) => expect(value?.length ?? 0).toBeLessThanOrEqual(4096),
          });
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});

function concat(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const all = parts.map((part) => (typeof part === 'string' ? latin1(part) : part));
  const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** An encoder that uses all forms, at random: its table is the one of the specification. */
class Encoder {
  private table: (readonly [string, string])[] = [];
  private size = 0;
  private maximum = 4096;

  field(name: string, value: string, form: number): Uint8Array {
    const known = this.table.findIndex((entry) => entry[0] === name && entry[1] === value);
    if (form % 4 !== 0 && known >= 0) return integer(0x80, 0x7f, 62 + known);
    const sameName = this.table.findIndex((entry) => entry[0] === name);
    const inStatic = STATIC_TABLE.findIndex((field) => field.name === name) + 1;
    const index = form % 3 === 0 || sameName < 0 ? inStatic : 62 + sameName;
    const name_ = index > 0 ? '' : concat(integer(0, 0x7f, name.length), name);
    const text = concat(name_, integer(0, 0x7f, value.length), value);
    if (form % 5 === 0) return concat(integer(0x10, 0x0f, index), text);
    this.table.unshift([name, value]);
    this.size += entrySize([name, value]);
    this.evict();
    return concat(integer(0x40, 0x3f, index), text);
  }

  resize(maximum: number): Uint8Array {
    this.maximum = maximum;
    this.evict();
    return integer(0x20, 0x1f, maximum);
  }

  private evict(): void {
    while (this.size > this.maximum) this.size -= entrySize(this.table.pop()!);
  }
}

const entrySize = ([name, value]: readonly [string, string]): number => 32 + name.length + value.length;

function integer(first: number, prefix: number, value: number): Uint8Array {
  if (value < prefix) return Uint8Array.of(first | value);
  const bytes = [first | prefix];
  let rest = value - prefix;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  return Uint8Array.of(...bytes, rest);
}

const names = fc.constantFrom<string>(...READ_FIELDS, 'accept', 'x-a', 'a-rather-long-name-of-a-field-nobody-reads');
const values = fc.oneof(
  fc.constantFrom('a', 'bc', '/path/of/some/length', 'v'.repeat(300)),
  fc.constant('long'.repeat(1100)),
  fc.string({ maxLength: 8, unit: 'grapheme-ascii' }),
);
const blocks = fc.array(
  fc.record({
    resize: fc.option(fc.constantFrom(0, 40, 100, 1000, 4096, 65_536), { freq: 8 }),
    fields: fc.array(fc.tuple(names, values, fc.nat(60)), { minLength: 1, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const wanted = new Set<string>(READ_FIELDS);

describe('HPACK against an encoder', () => {
  it('reads every field when it is there from the start, and never a wrong one when it is not', () => {
    fc.assert(
      fc.property(blocks, fc.nat(8), fc.nat(8), (list, joined, lost) => {
        const encoder = new Encoder();
        const whole = new HpackDecoder();
        const late = new HpackDecoder();
        for (const [number, { resize, fields }] of list.entries()) {
          const bytes = concat(
            resize === null ? '' : encoder.resize(resize),
            ...fields.map(([name, value, form]) => encoder.field(name, value, form)),
          );
          const expected = fields.map(([name, value]): Decoded => {
            const isRead = wanted.has(name);
            return isRead ? [name as FieldName, value.slice(0, 4096)] : ['other', undefined];
          });
          expect(decode(whole, bytes)).toEqual(expected);
          if (number < joined) continue;
          if (number === joined + lost) {
            late.forget();
            continue;
          }
          for (const [i, [name, value]] of decode(late, bytes).entries()) {
            if (name !== 'unknown') expect(name).toBe(expected[i]![0]);
            if (value !== undefined) expect([name, value]).toEqual(expected[i]);
          }
        }
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('knows all entries again once they were all added since', () => {
    const encoder = new Encoder();
    encoder.field('x-request-id', 'early', 3);
    const late = new HpackDecoder();
    const read = () => decode(late, encoder.field('x-request-id', 'early', 3))[0];
    expect(read()).toEqual(['unknown', undefined]);
    for (let n = 0; n < 100; n += 1) decode(late, encoder.field('x-request-id', `later-${n}`, 3));
    // Driven out by now, so it is written out again; and from then on it is in the table.
    expect(read()).toEqual(['x-request-id', 'early']);
    expect(read()).toEqual(['x-request-id', 'early']);
  });
});
