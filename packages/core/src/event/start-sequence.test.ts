import { expect, it } from 'vitest';
import { SyscallAbi } from './event-block';
import { startSequence } from './start-sequence';

const { read, write, sendmmsg } = SyscallAbi;

it.each<[string, Parameters<typeof startSequence>, number | undefined]>([
  ['a plain call', [100, 110, 10, read, 0], 100],
  ['a peek: the counter did not move', [100, 100, 10, read, 0], 100],
  ['data and FIN in one read', [100, 111, 10, read, 0], 100],
  ['another writer came first', [100, 150, 10, write, 0], 140],
  ['across the wrap', [0xfffffffa, 4, 10, write, 0], 0xfffffffa],
  ['another writer, across the wrap', [0xfffffff0, 4, 10, write, 0], 0xfffffffa],
  ['the first message of an mmsg call', [100, 130, 10, sendmmsg, 0], 100],
  ['a later one follows the one before', [100, 130, 20, sendmmsg, 1], undefined],
])('%s', (_name, input, expected) => {
  expect(startSequence(...input)).toBe(expected);
});
