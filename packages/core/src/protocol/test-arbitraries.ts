import fc from 'fast-check';
import { concat, latin1 } from '../event/test-scene';
import { CONVERSATIONS } from './test-conversations';

/** What one side says at a time, of every conversation. */
export const SAMPLES: readonly Uint8Array[] = Object.values(CONVERSATIONS).flatMap((turns) =>
  turns.map(([, data]) => (typeof data === 'string' ? latin1(data) : data)),
);

/** Bytes of a conversation with some of them changed, cut or doubled. */
export const mutated: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.nat(),
    fc.constantFrom(...SAMPLES),
  )
  .map(([bytes, changes, at, tail]) => {
    const copy = concat(bytes.slice(0, at % (bytes.length + 1)), tail);
    for (const [place, value] of changes) copy[place % copy.length] = value;
    return copy;
  });
