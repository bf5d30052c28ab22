import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cursor } from '../base/cursor';
import { Unit } from './protocol-parser';
import { PARSERS } from './registry';
import { converse, essence, spanEssence } from './test-conversation';
import { CONVERSATIONS } from './test-conversations';
import { mutate, SAMPLES } from './test-samples';

const RUNS = { numRuns: 300, seed: 1 };

describe.each(Object.entries(CONVERSATIONS))('%s, delivered awkwardly', (name, turns) => {
  const whole = converse(turns);
  const messages = whole.messages.map(essence);

  it('is read whole', () => {
    expect(whole.messages.length).toBeGreaterThan(3);
    expect(whole.messages.every(({ protocol, truncated }) => protocol === name && !truncated)).toBe(true);
    expect(whole.coverage.lostBytes).toBe(0);
  });

  it('gives the same messages when a turn is cut in two at any byte', () => {
    for (const [turn, [, data]] of turns.entries()) {
      for (let at = 1; at < data.length; at += 1) {
        const cut = (bytes: Uint8Array, index: number) =>
          index === turn ? [bytes.slice(0, at), bytes.slice(at)] : [bytes];
        const scene = converse(turns, { cut });
        expect(scene.messages.map(essence), `turn ${turn} cut at ${at}`).toEqual(messages);
        expect(scene.spans.map(spanEssence)).toEqual(whole.spans.map(spanEssence));
      }
    }
  });

  it('gives the same spans in any chunks', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, (chunks) => {
        const cut = (bytes: Uint8Array) => {
          const pieces: Uint8Array[] = [];
          for (let at = 0, i = 0; at < bytes.length; i += 1) {
            const size = chunks[i % chunks.length]!;
            pieces.push(bytes.slice(at, at + size));
            at += size;
          }
          return pieces;
        };
        const scene = converse(turns, { cut });
        expect(scene.messages.map(essence)).toEqual(messages);
        expect(scene.spans.map(spanEssence)).toEqual(whole.spans.map(spanEssence));
      }),
      { ...RUNS, numRuns: 60 },
    );
  });

  it('never claims more or less bytes than there were when payload is cut', () => {
    for (let limit = 0; limit < 120; limit += 1) {
      const scene = converse(turns, { options: { limit } });
      for (const message of scene.messages) expect(message.length).toBeGreaterThan(0);
      const moved = turns.reduce((sum, [, data]) => sum + data.length, 0);
      expect(scene.messages.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(moved);
    }
  });
});

/** Bytes of a conversation with some of them changed, cut or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.nat(),
    fc.constantFrom(...SAMPLES),
  )
  .map((parts) => mutate(...parts));

describe.each(PARSERS.map((parser) => [parser.protocol, parser] as const))(
  '%s parser, fed with rubbish',
  (_name, parser) => {
    it.each([
      ['random', fc.uint8Array({ maxLength: 200 })],
      ['mutated', mutated],
    ])('survives %s bytes and always moves on', (_kind, bytes) => {
      fc.assert(
        fc.property(bytes, fc.boolean(), fc.boolean(), (data, fromClient, cut) => {
          const connection = parser.open(parser.transports[0]!);
          const cursor = new Cursor();
          const unit = new Unit();
          for (let at = 0; at < data.length; ) {
            const outcome = connection.parse(cursor.reset(data, at, data.length, cut), fromClient, unit.reset());
            if (outcome !== 'unit') break;
            expect(unit.length).toBeGreaterThan(0);
            at += unit.length;
          }
          for (const transport of parser.transports)
            parser.infer(cursor.reset(data, 0, data.length, cut), { transport });
        }),
        { ...RUNS, numRuns: 3000 },
      );
    });

    it('does not take random bytes for its own', () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 24, maxLength: 200 }), (data) => {
          const cursor = new Cursor().reset(data, 0, data.length, true);
          expect(parser.infer(cursor, { transport: parser.transports[0]! })).toBe('no');
        }),
        { ...RUNS, numRuns: 3000 },
      );
    });
  },
);

describe('pipeline, fed with rubbish', () => {
  it('survives mutated conversations, cut payload and all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom<'>' | '<'>('>', '<'), mutated), { maxLength: 8 }),
        fc.integer({ min: 0, max: 300 }),
        (turns, limit) => {
          const scene = converse(turns, { options: { limit } });
          for (const { length } of scene.messages) expect(length).toBeGreaterThan(0);
          const again = converse(turns, { options: { limit } });
          expect(again.spans).toEqual(scene.spans);
        },
      ),
      { ...RUNS, numRuns: 1000 },
    );
  });
});
