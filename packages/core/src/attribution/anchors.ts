import type { SystraceId } from '../base/brand';
import type { Call, ProcessWork, Request } from './work';

/** A chain is not followed further: what lies so far away says little. */
const MAX_CHAIN = 64;
/** A turn that sent more than this was not one request's: several inputs were read before any of them was acted on. */
const MAX_SENT = 2;
/** One anchor: none known, this request, another one. */
const STATES = 3;
/** Open at both ends, or anchored twice in this request. */
export const UNANCHORED = 0;

/** What one turn of a thread took in and what it sent. */
interface Turn {
  /** Of the thread's event loop. */
  loopTurn: number | undefined;
  /** More than one: a pipeline, or messages that came together. */
  reads: Request[];
  answers: Call[];
  calls: Call[];
  responses: Request[];
  /** Calls and responses, less what had merely waited for a connection. */
  sent: number;
}

/**
 * Follows each call along the turns of its thread, to the request that was read in the first turn of the chain, and to
 * the one whose response was sent in the last: answer in, next call out, answer in, response out. A turn that took in or
 * sent several things leads nowhere. Notes for each call and open request whether the two ends are that request.
 */
export function noteAnchors({ calls, requests }: ProcessWork): void {
  const turns = new Map<SystraceId, Turn>();
  const turn = (id: SystraceId) => {
    let found = turns.get(id);
    if (found === undefined) {
      found = { loopTurn: undefined, reads: [], answers: [], calls: [], responses: [], sent: 0 };
      turns.set(id, found);
    }
    return found;
  };
  for (const request of requests) {
    const { systraceIdRequest: id, loopTurnRequest } = request.span;
    if (id === undefined) continue;
    turn(id).reads.push(request);
    turn(id).loopTurn ??= loopTurnRequest;
  }
  for (const call of calls) {
    const { systraceIdResponse: id, loopTurnResponse } = call.last;
    if (id === undefined) continue;
    turn(id).answers.push(call);
    turn(id).loopTurn ??= loopTurnResponse;
  }
  // What the loop sent in a later turn of its own was not sent for what was read last, but for whatever it came to.
  const sentIn = (id: SystraceId | undefined, loopTurn: number | undefined) => {
    const found = id === undefined ? undefined : turn(id);
    const { loopTurn: read } = found ?? {};
    return read === undefined || loopTurn === undefined || read === loopTurn ? found : undefined;
  };
  for (const request of requests) {
    const { systraceIdResponse, loopTurnResponse } = request.span;
    const found = sentIn(systraceIdResponse, loopTurnResponse);
    if (found === undefined) continue;
    found.responses.push(request);
    found.sent += 1;
  }
  for (const call of calls) {
    const found = sentIn(sentUnder(call), call.sent.loopTurn);
    if (found === undefined) continue;
    found.calls.push(call);
    if (!call.released) found.sent += 1;
  }
  for (const call of calls) {
    const first = beginning(call, turns);
    const last = ending(call, turns);
    if (first === undefined && last === undefined) continue;
    const { open, anchors } = call;
    for (let slot = 0; slot < open.length; slot += 1) {
      const request = open[slot]!;
      anchors[slot] = stateOf(first, request) * STATES + stateOf(last, request);
    }
  }
}

const stateOf = (anchor: Request | undefined, request: Request) =>
  anchor === undefined ? 0 : anchor === request ? 1 : 2;

/**
 * The systrace id under which a call was decided. When a connection is there at last, a message goes out in whatever turn
 * it is; the turn in which it was asked for tells more, if it is certain that the thread had not gone on.
 */
function sentUnder({ span, sent }: Call): SystraceId | undefined {
  if (span.systraceIdConnect === undefined) return span.systraceIdRequest;
  return sent.loopTurn === undefined ? undefined : span.systraceIdConnect;
}

function beginning(call: Call, turns: ReadonlyMap<SystraceId, Turn>): Request | undefined {
  let at = call;
  for (let step = 0; step < MAX_CHAIN; step += 1) {
    const id = at.released ? undefined : sentUnder(at);
    const turn = id === undefined ? undefined : turns.get(id);
    if (turn === undefined || turn.sent > MAX_SENT || !turn.calls.includes(at)) return undefined;
    if (turn.reads.length > 0) return turn.reads.length === 1 ? turn.reads[0] : undefined;
    if (turn.answers.length !== 1) return undefined;
    at = turn.answers[0]!;
  }
  return undefined;
}

function ending(call: Call, turns: ReadonlyMap<SystraceId, Turn>): Request | undefined {
  let at = call;
  for (let step = 0; step < MAX_CHAIN; step += 1) {
    const id = at.last.systraceIdResponse;
    const turn = id === undefined ? undefined : turns.get(id);
    if (turn === undefined || turn.answers.length !== 1) return undefined;
    // What merely waited for the connection to become free is no sequel.
    if (turn.sent !== 1) return undefined;
    if (turn.responses.length === 1) return turn.responses[0];
    at = turn.calls.find(({ released }) => !released)!;
  }
  return undefined;
}
