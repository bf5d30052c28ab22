import type { SysSpan } from '../span/span';
import { type TestSpanFields, testSpan } from '../testing/index';

const PIDS: Readonly<Record<string, number>> = { client: 1, proxy: 2, shop: 3, stock: 4, database: 5 };

/** A span id from a letter: `a` is `aaaaaaaaaaaaaaaa`. */
const spanIdOf = (letter: string) => letter.repeat(16);

/**
 * One end of a call, for tests of the score. `hop` is `from>to span<parent`, the letters being ids: `shop>stock b<a` is
 * shop's call b to stock, made for request a. Both ends share the connection that the hop names, and its sequence.
 */
export function hop(side: 'c-p' | 's-p', text: string, fields: TestSpanFields = {}): SysSpan {
  const [, from, to, span, parent] = /^(\w+)>(\w+) (\w)(?:<(\w))?$/.exec(text)!;
  const process = side === 'c-p' ? from! : to!;
  const number = span!.charCodeAt(0);
  return testSpan({
    id: `${side} ${from}>${to} ${span}`,
    tapSide: side,
    pid: PIDS[process]!,
    comm: process,
    src: { address: '127.0.0.1', port: 1000 * PIDS[from!]! + number },
    dst: { address: '127.0.0.1', port: 80 + PIDS[to!]! },
    seq: [1000 * PIDS[to!]! + number, 2000 * PIDS[to!]! + number],
    traceIds: ['0123456789abcdef0123456789abcdef'],
    spanId: spanIdOf(span!),
    ...(parent !== undefined && { parentSpanId: spanIdOf(parent) }),
    ...fields,
  });
}

/** Both ends of a call. */
export const bothEnds = (text: string, fields: TestSpanFields = {}): SysSpan[] => [
  hop('c-p', text, fields),
  hop('s-p', text, fields),
];
