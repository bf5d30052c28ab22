import { OCCASIONS, type Occasion } from './attribution';
import type { Model } from './model';
import { compareSent } from './outgoing';
import { type Call, FREED, type Input, type Life, type Output, type Request, type Standing } from './work';

/** Calls of one request that are looked at around the one in question: enough for what a change can touch. */
const WINDOW = 8;

/** A response goes out on the connection on which its request came: there is nothing to wait for. */
const RESPONSE_FREED = FREED.length - 1;

const placeOfOccasion = (name: Occasion) => OCCASIONS.indexOf(name);
const SAME_TURN = placeOfOccasion('same-turn');
const EARLIER_TURN = placeOfOccasion('earlier-turn');
const SAME_THREAD = placeOfOccasion('same-thread');
const OTHER_THREAD = placeOfOccasion('other-thread');
const CONNECTED_FOR = placeOfOccasion('connected-for');
const CONNECTED_FOR_OTHER = placeOfOccasion('connected-for-other');
const CONNECTED_BEFORE = placeOfOccasion('connected-before');
/** Turns of the loop from 0 on stand in a row; all later ones count alike. */
const SAME_LOOP = placeOfOccasion('same-loop');
const LATER_LOOP = placeOfOccasion('later-loop');

export function newStanding(input: Input): Standing {
  return { from: 0, until: 0, place: 0, input, before: -1, overlapping: false };
}

/** For lives as they might have been, one at a time. */
const supposed = newStanding({ time: 0, id: undefined, tid: undefined, loopTurn: undefined });

/**
 * Where the life of a request that made `calls`, of which only the first `count` do count, stands when something goes out:
 * written to `into`, but for the times. Answers whether two inputs came at one time, so that it depends on what goes out.
 */
function stand(response: number, request: Request, calls: readonly Call[], count: number, out: Output, into: Standing) {
  const { time, id } = out;
  let input = request.read;
  let tied = false;
  for (let i = 0; i < count; i += 1) {
    const { answer, ended } = calls[i]!;
    // Answers that one read brought belong to one turn, whatever their order.
    if (answer.time <= time && answer.time >= input.time) {
      tied = answer.time === input.time;
      if (!tied || input.id !== id) input = answer;
    }
    if (ended !== undefined && ended.time <= time && ended.time > input.time) {
      tied = false;
      input = ended;
    }
  }
  const last = count > 0 ? calls[count - 1]! : undefined;
  const respondedLast = request.answered <= time && (last === undefined || last.start < request.answered);
  into.place = count;
  into.input = input;
  into.before = respondedLast ? response : last === undefined ? -1 : last.kind;
  into.overlapping = !respondedLast && last !== undefined && last.answered > time;
  return tied;
}

/**
 * Where a request stands when a call goes out that is not among its own. It is kept for the calls to come, which mostly
 * are sent while nothing new has happened to the request.
 */
export function standingAt(model: Model, request: Request, call: Call): Standing {
  const { standing, calls } = request;
  const { start: time } = call;
  if (standing.from <= time && time < standing.until) return standing;
  const place = placeOf(calls, call);
  const tied = stand(model.response, request, calls, place, call.sent, standing);
  standing.from = time;
  standing.until = tied || calls[place - 1]?.start === time ? time : nextChange(request, place, time);
  return standing;
}

/** When something happens to a request of which so many calls have gone out. */
function nextChange({ start, answered, calls }: Request, place: number, time: number): number {
  let next = calls[place]?.start ?? Number.POSITIVE_INFINITY;
  if (start > time && start < next) next = start;
  if (answered > time && answered < next) next = answered;
  for (let i = 0; i < place; i += 1) {
    const { answer, ended } = calls[i]!;
    if (answer.time > time && answer.time < next) next = answer.time;
    if (ended !== undefined && ended.time > time && ended.time < next) next = ended.time;
  }
  return next;
}

/** How thread and time of what goes out agree with a life that stands so: a place in OCCASIONS. */
export function occasionOf(request: Request, calls: readonly Call[], { place, input }: Standing, out: Output): number {
  const { time, id } = out;
  if (time < request.start) return CONNECTED_BEFORE;
  const sameTurn = id !== undefined && input.id === id;
  const turns =
    input.tid === out.tid && input.loopTurn !== undefined && out.loopTurn !== undefined
      ? out.loopTurn - input.loopTurn
      : -1;
  if (turns > 0 || (turns === 0 && !sameTurn)) return Math.min(SAME_LOOP + turns, LATER_LOOP);
  if (out.connects && turns < 0)
    return isEarlierInput(request, calls, place, out) ? CONNECTED_FOR : CONNECTED_FOR_OTHER;
  if (sameTurn) return SAME_TURN;
  if (isEarlierInput(request, calls, place, out)) return EARLIER_TURN;
  return input.tid === out.tid ? SAME_THREAD : OTHER_THREAD;
}

/** It went out under the id of one of the request's inputs. */
function isEarlierInput({ read }: Request, calls: readonly Call[], count: number, { time, id }: Output): boolean {
  if (id === undefined) return false;
  if (read.id === id) return true;
  for (let i = 0; i < count; i += 1) {
    const { answer } = calls[i]!;
    if (answer.id === id && answer.time <= time) return true;
  }
  return false;
}

/** The response goes out; it is no call, so nothing that was called afterwards comes before it. */
function standAtResponse(model: Model, request: Request, calls: readonly Call[], at: number): Standing {
  stand(model.response, request, calls, at, request.response, supposed);
  const last = at > 0 ? calls[at - 1]! : undefined;
  supposed.before = last === undefined ? -1 : last.kind;
  supposed.overlapping = last !== undefined && last.answered > request.answered;
  return supposed;
}

/** What a call adds to the score of a life in which it is the one at a place. */
function callScore(model: Model, request: Request, calls: readonly Call[], at: number): number {
  const { kind, freed, sent } = calls[at]!;
  stand(model.response, request, calls, at, sent, supposed);
  const occasion = occasionOf(request, calls, supposed, sent);
  return (
    model.occasion(kind, freed, occasion, sent.time - supposed.input.time) +
    model.flow(request.kind, supposed.before, kind, supposed.overlapping)
  );
}

function responseScore(model: Model, request: Request, calls: readonly Call[], at: number): number {
  const { response: kind } = model;
  const { before, overlapping, input } = standAtResponse(model, request, calls, at);
  const occasion = occasionOf(request, calls, supposed, request.response);
  // Two processes of one kind answer alike, whatever they were asked.
  return (
    model.occasion(kind, RESPONSE_FREED, occasion, request.answered - input.time) +
    model.flow(request.kind, before, kind, overlapping)
  );
}

/**
 * Log-likelihood of a request's life, had it made these calls. `from`, `sum`: what comes before that place has been
 * counted. `sums`: the sums before each place are written there.
 */
export function lifeScore(
  model: Model,
  request: Request,
  calls: readonly Call[],
  from = 0,
  sum = 0,
  sums?: number[],
): number {
  const { answered } = request;
  let score = sum;
  let responded = answered === Number.POSITIVE_INFINITY || (from > 0 && calls[from - 1]!.start >= answered);
  for (let at = from; at < calls.length; at += 1) {
    if (sums !== undefined) sums[at] = score;
    if (!responded && calls[at]!.start >= answered) {
      score += responseScore(model, request, calls, at);
      responded = true;
    }
    score += callScore(model, request, calls, at);
  }
  if (sums !== undefined) sums[calls.length] = score;
  if (!responded) score += responseScore(model, request, calls, calls.length);
  if (endIsKnown(request)) score += model.flow(request.kind, lastKind(model, request, calls), model.end, false);
  return score;
}

export const newLife = (): Life => ({ model: undefined, score: 0, sums: [] });

export function lifeOf(model: Model, request: Request): Life {
  const { life, calls } = request;
  if (life.model !== model) {
    life.score = lifeScore(model, request, calls, 0, 0, life.sums);
    life.model = model;
  }
  return life;
}

/** What a life's score gains by one more call, which belongs to nobody now. */
export function lifeGain(model: Model, request: Request, call: Call): number {
  const { calls } = request;
  const place = placeOf(calls, call);
  if (calls.length <= 2 * WINDOW) {
    const { score, sums } = lifeOf(model, request);
    return lifeScore(model, request, inserted(calls, place, call), place, sums[place]) - score;
  }
  // So that a request with thousands costs no more than one with a few.
  const near = calls.slice(Math.max(0, place - WINDOW), place + WINDOW);
  return lifeScore(model, request, inserted(near, Math.min(place, WINDOW), call)) - lifeScore(model, request, near);
}

/** The score of a request's life with another call in the place of one of its own. */
export function scoreWith(model: Model, request: Request, call: Call, own: Call): number {
  const { calls } = request;
  const { sums } = lifeOf(model, request);
  const without = calls.filter((each) => each !== own);
  const place = placeOf(without, call);
  const same = Math.min(place, calls.indexOf(own));
  return lifeScore(model, request, inserted(without, place, call), same, sums[same]);
}

/** Gives a call to a request. */
export function addCall(request: Request, call: Call): void {
  request.calls.splice(placeOf(request.calls, call), 0, call);
  forget(request);
}

export function removeCall(request: Request, call: Call): void {
  request.calls.splice(request.calls.indexOf(call), 1);
  forget(request);
}

function forget({ standing, life }: Request): void {
  standing.until = Number.NEGATIVE_INFINITY;
  life.model = undefined;
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
  const { calls, answered } = request;
  model.addRequest(request.kind);
  for (const kind of new Set(calls.map((call) => call.kind)))
    model.addMultiple(request.kind, kind, countOf(calls, kind));
  let responded = answered === Number.POSITIVE_INFINITY;
  const learnResponse = (at: number) => {
    const { before, overlapping, input } = standAtResponse(model, request, calls, at);
    const occasion = occasionOf(request, calls, supposed, request.response);
    model.addOccasion(model.response, RESPONSE_FREED, occasion, answered - input.time);
    model.addFlow(request.kind, before, model.response, overlapping);
    responded = true;
  };
  calls.forEach((call, at) => {
    if (!responded && call.start >= answered) learnResponse(at);
    const { kind, freed, sent } = call;
    stand(model.response, request, calls, at, sent, supposed);
    model.addOccasion(kind, freed, occasionOf(request, calls, supposed, sent), sent.time - supposed.input.time);
    model.addFlow(request.kind, supposed.before, kind, supposed.overlapping);
  });
  if (!responded) learnResponse(calls.length);
  if (endIsKnown(request)) model.addFlow(request.kind, lastKind(model, request, calls), model.end, false);
}

/** Order in which calls were sent. */
const compareCalls = (a: Call, b: Call) => a.start - b.start || compareSent(a.span, b.span);

/** Where a call stands, or would stand, among those of a request. */
function placeOf(calls: readonly Call[], call: Call): number {
  let at = calls.length;
  while (at > 0 && compareCalls(calls[at - 1]!, call) > 0) at -= 1;
  return at;
}

function inserted(calls: readonly Call[], at: number, call: Call): Call[] {
  const all = calls.slice();
  all.splice(at, 0, call);
  return all;
}
