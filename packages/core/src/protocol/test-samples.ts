import { concat, latin1 } from '../event/test-scene';
import { CONVERSATIONS } from './test-conversations';

/** What one side says at a time, of every conversation. */
export const SAMPLES: readonly Uint8Array[] = Object.values(CONVERSATIONS).flatMap((turns) =>
  turns.map(([, data]) => (typeof data === 'string' ? latin1(data) : data)),
);

/** The head of one sample and the whole of another, with some bytes changed: place and value of each. */
export function mutate(
  head: Uint8Array,
  changes: readonly (readonly [number, number])[],
  cutAt: number,
  tail: Uint8Array,
): Uint8Array {
  const copy = concat(head.slice(0, cutAt % (head.length + 1)), tail);
  for (const [place, value] of changes) copy[place % copy.length] = value;
  return copy;
}
