import type { SystraceId } from '../base/brand';
import type { Occasion } from './attribution';
import type { Model } from './model';
import { type Call, FREED, type Request } from './process-work';

/** Calls of one request that are looked at around the one in question: enough for what a change can touch. */
const WINDOW = 8;

/** A moment of a request's life: something goes out, after all that came in before. */
export interface Moment {
  occasion: Occasion;
  lag: number;
  /** Kind of what went out before; −1 = nothing, yet. */
  before: number;
  /** That was a call which had not been answered. */
  overlapping: boolean;
  /** When the latest input came, and in which turn. */
  inputTime: number;
  inputId: SystraceId | undefined;
}

const moment: Moment = {
  occasion: 'same-turn',
  lag: 0,
  before: -1,
  overlapping: false,
  inputTime: 0,
  inputId: undefined,
};

/** A response goes out on the connection on which its request came: there is nothing to wait for. */
const RESPONSE_FREED = FREED.length - 1;

/** Something goes out: when and where. `id`: the systrace id that was open. */
interface Output {
  time: number;
  tid: number | undefined;
  loopTurn: number | undefined;
  id: SystraceId | undefined;
  /** The first on a new connection: then all else is said of the `connect`. */
  connects: boolean;
}

const output: Output = { time: 0, tid: undefined, loopTurn: undefined, id: undefined, connects: false };

/** Turns of the loop from 0 on; all later ones count alike. */
const LOOP_OCCASIONS = ['same-loop', 'next-loop', 'second-loop', 'third-loop', 'later-loop'] as const;

/**
 * The moment at which something goes out in the life of a request that made `calls`, of which only the first `count` do
 * count. The object is used again by the next call.
 */
function momentOf(
  model: Model,
  request: Request,
  calls: readonly Call[],
  count: number,
  { time, tid, loopTurn, id, connects }: Output,
): Moment {
  const { span } = request;
  let inputTime: number = request.start;
  let inputId = span.systraceIdRequest;
  let inputTid: number | undefined = span.tid;
  let inputTurn = span.loopTurnRequest;
  let earlier = inputId === id;
  for (let i = 0; i < count; i += 1) {
    const { answered, ended, last: of } = calls[i]!;
    if (answered <= time) {
      const answerId = of.systraceIdResponse;
      if (answerId === id) earlier = true;
      // Answers that one read brought belong to one turn, whatever their order.
      if (answered > inputTime || (answered === inputTime && inputId !== id)) {
        inputTime = answered;
        inputId = answerId;
        inputTid = of.responseTid;
        inputTurn = of.loopTurnResponse;
      }
    }
    if (ended !== undefined && ended.time <= time && ended.time > inputTime) {
      inputTime = ended.time;
      inputId = undefined;
      inputTid = ended.tid;
      inputTurn = ended.loopTurn;
    }
  }
  const last = count > 0 ? calls[count - 1]! : undefined;
  moment.inputTime = inputTime;
  moment.inputId = inputId;
  moment.lag = time - inputTime;
  const respondedLast = request.answered <= time && (last === undefined || last.start < request.answered);
  moment.before = respondedLast ? model.response : last === undefined ? -1 : last.kind;
  moment.overlapping = !respondedLast && last !== undefined && last.answered > time;
  const turns = inputTid === tid && inputTurn !== undefined && loopTurn !== undefined ? loopTurn - inputTurn : -1;
  const sameTurn = id !== undefined && inputId === id;
  if (time < request.start) moment.occasion = 'connected-before';
  else if (turns > 0 || (turns === 0 && !sameTurn))
    moment.occasion = LOOP_OCCASIONS[Math.min(turns, LOOP_OCCASIONS.length - 1)]!;
  else if (connects && turns < 0)
    moment.occasion = id !== undefined && earlier ? 'connected-for' : 'connected-for-other';
  else if (sameTurn) moment.occasion = 'same-turn';
  else if (id !== undefined && earlier) moment.occasion = 'earlier-turn';
  else moment.occasion = inputTid === tid ? 'same-thread' : 'other-thread';
  return moment;
}

export function momentOfCall(model: Model, request: Request, calls: readonly Call[], at: number, call: Call): Moment {
  const { asked, span } = call;
  output.time = asked.time;
  output.tid = asked.tid;
  output.loopTurn = asked.loopTurn;
  output.connects = span.systraceIdConnect !== undefined;
  output.id = span.systraceIdConnect ?? span.systraceIdRequest;
  return momentOf(model, request, calls, at, output);
}

/** The response goes out; it is no call, so nothing that was called afterwards comes before it. */
function momentOfResponse(model: Model, request: Request, calls: readonly Call[], at: number): Moment {
  const { systraceIdResponse, responseTid, loopTurnResponse } = request.span;
  output.time = request.answered;
  output.tid = responseTid;
  output.loopTurn = loopTurnResponse;
  output.connects = false;
  output.id = systraceIdResponse;
  const seen = momentOf(model, request, calls, at, output);
  const last = at > 0 ? calls[at - 1]! : undefined;
  seen.before = last === undefined ? -1 : last.kind;
  seen.overlapping = last !== undefined && last.answered > request.answered;
  return seen;
}

/** Log-likelihood of a request's life, had it made these calls. */
export function lifeScore(model: Model, request: Request, calls: readonly Call[]): number {
  let score = 0;
  let responded = request.answered === Number.POSITIVE_INFINITY;
  const response = () => {
    // Calls until now; their count is the place of the response among them.
    return scoreOf(model, request, model.response, at, calls);
  };
  let at = 0;
  for (; at < calls.length; at += 1) {
    const call = calls[at]!;
    if (!responded && call.start >= request.answered) {
      score += response();
      responded = true;
    }
    const { occasion, lag, before, overlapping } = momentOfCall(model, request, calls, at, call);
    score +=
      model.occasion(call.kind, call.freed, occasion, lag) + model.flow(request.kind, before, call.kind, overlapping);
  }
  if (!responded) score += response();
  if (endIsKnown(request)) score += model.flow(request.kind, lastKind(model, request, calls), model.end, false);
  return score;
}

function scoreOf(model: Model, request: Request, kind: number, at: number, calls: readonly Call[]): number {
  const { occasion, lag, before, overlapping } = momentOfResponse(model, request, calls, at);
  // Two processes of one kind answer alike, whatever they were asked.
  return model.occasion(kind, RESPONSE_FREED, occasion, lag) + model.flow(request.kind, before, kind, overlapping);
}

/** That nothing more goes out says something of a request that was answered, and of a message that wants no answer. */
const endIsKnown = ({ answered, span }: Request) => answered !== Number.POSITIVE_INFINITY || span.oneway;

const lastKind = (model: Model, { answered, span }: Request, calls: readonly Call[]) => {
  const last = calls.at(-1);
  if (span.oneway) return last === undefined ? -1 : last.kind;
  return last !== undefined && last.start >= answered ? last.kind : model.response;
};

/** Calls of a kind among these. */
export function countOf(calls: readonly Call[], kind: number): number {
  let count = 0;
  for (const call of calls) if (call.kind === kind) count += 1;
  return count;
}

/** Counts a life as it is assumed to be. */
export function learnLife(model: Model, request: Request): void {
  const { calls } = request;
  model.addRequest(request.kind);
  for (const kind of new Set(calls.map((call) => call.kind)))
    model.addMultiple(request.kind, kind, countOf(calls, kind));
  let responded = request.answered === Number.POSITIVE_INFINITY;
  const learnResponse = (at: number) => {
    const { occasion, lag, before, overlapping } = momentOfResponse(model, request, calls, at);
    model.addOccasion(model.response, RESPONSE_FREED, occasion, lag);
    model.addFlow(request.kind, before, model.response, overlapping);
    responded = true;
  };
  calls.forEach((call, at) => {
    if (!responded && call.start >= request.answered) learnResponse(at);
    const { occasion, lag, before, overlapping } = momentOfCall(model, request, calls, at, call);
    model.addOccasion(call.kind, call.freed, occasion, lag);
    model.addFlow(request.kind, before, call.kind, overlapping);
  });
  if (!responded) learnResponse(calls.length);
  if (endIsKnown(request)) model.addFlow(request.kind, lastKind(model, request, calls), model.end, false);
}

/** Where a call stands, or would stand, among those of a request. */
export function placeOf(calls: readonly Call[], call: Call, compare: (a: Call, b: Call) => number): number {
  let at = calls.length;
  while (at > 0 && compare(calls[at - 1]!, call) > 0) at -= 1;
  return at;
}

/** The calls around a place, so that a request with thousands costs no more than one with a few. */
export function around(calls: readonly Call[], at: number): readonly Call[] {
  return calls.length <= 2 * WINDOW ? calls : calls.slice(Math.max(0, at - WINDOW), at + WINDOW);
}
