import { Cursor } from '../base/cursor';
import type { Transport } from '../event/event-block';
import type { L7Protocol } from './l7-protocol';
import { BUILT_IN_PARSERS } from './parser-set';

const cursor = new Cursor();

/**
 * The protocol that `bytes[from, to)`, one call's, begin a message of; `undefined` when it is none that is known, or too few tell.
 * For those who only want to know: a pipeline follows the connection. `cut`: the call moved more. `fromClient` absent = not known.
 */
export function guessProtocol(
  bytes: Uint8Array,
  from: number,
  to: number,
  cut: boolean,
  transport: Transport,
  fromClient?: boolean,
): L7Protocol | undefined {
  if (from >= to) return undefined;
  const context = { transport, ...(fromClient !== undefined && { fromClient }) };
  cursor.reset(bytes, from, to, cut);
  for (const parser of BUILT_IN_PARSERS.candidates(transport, cursor)) {
    const verdict = parser.infer(cursor.reset(bytes, from, to, cut), context);
    if (verdict === 'request' || verdict === 'response') return parser.protocol;
  }
  return undefined;
}
