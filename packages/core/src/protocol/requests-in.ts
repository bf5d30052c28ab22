import { Cursor } from '../base/cursor';
import type { Transport } from '../event/event-block';
import type { BuiltInProtocol, L7Protocol } from './l7-protocol';
import { type ProtocolParser, Unit } from './protocol-parser';
import { PROTOCOL_TABLE } from './registry';

/** What a request asks for, as its parser says. Absent = it does not say. */
export interface RequestName {
  readonly method?: string | undefined;
  readonly endpoint?: string | undefined;
}

const cursor = new Cursor();
const unit = new Unit();

/** Whether the protocol is read, and answers requests one after the other, so that a connection is a row of turns. */
export function answersInOrder(protocol: L7Protocol): boolean {
  const parser = parserOf(protocol);
  return parser !== undefined && parser.pairing === 'order' && parser.opaque !== true;
}

/**
 * The requests in `bytes[from, to)`, one call's, which is of a connection that speaks this protocol; `undefined` when it
 * does not begin with a request that will be answered, or too little of it is there. For those who only want to know:
 * nothing is remembered from one call to the next. `cut`: the call moved more. A request whose head goes on in the next
 * call is told by what there is of it.
 */
export function requestsIn(
  protocol: L7Protocol,
  bytes: Uint8Array,
  from: number,
  to: number,
  cut: boolean,
  transport: Transport,
): readonly RequestName[] | undefined {
  const definition = parserOf(protocol);
  if (definition === undefined || from >= to) return undefined;
  const verdict = definition.infer(cursor.reset(bytes, from, to, cut), { transport, fromClient: true });
  if (verdict !== 'request') return undefined;
  const parser = definition.open(transport);
  const requests: RequestName[] = [];
  for (let at = from; at < to; at += unit.length) {
    let outcome = parser.parse(cursor.reset(bytes, at, to, cut), true, unit.reset());
    if (outcome === 'more' && !cut) outcome = parser.parse(cursor.reset(bytes, at, to, true), true, unit.reset());
    if (outcome !== 'unit' || !(unit.length > 0)) break;
    if (unit.begins === 'request') requests.push({ method: unit.fields.method, endpoint: unit.fields.endpoint });
  }
  return requests.length > 0 ? requests : undefined;
}

function parserOf(protocol: L7Protocol): ProtocolParser | undefined {
  const parser = PROTOCOL_TABLE[protocol as BuiltInProtocol] as ProtocolParser | 'not-parsed' | undefined;
  return parser === 'not-parsed' ? undefined : parser;
}
