import { placeOf } from './life';
import type { Model } from './model';
import { compareSent } from './outgoing';
import { type Call, OPENING_CALLS, type Request } from './process-work';

export const compareCalls = (a: Call, b: Call) => a.start - b.start || compareSent(a.span, b.span);

/** One request weighed for one call. */
export interface Weighed {
  readonly request: Request;
  /** Its place among the call's open requests. */
  readonly slot: number;
  /** Log-likelihood of the call by itself. */
  readonly own: number;
  /** With what it makes of the rest of the request's life. */
  total: number;
}

/**
 * Since when a request has waited to send a call that would stand at a place among its own: since its latest input;
 * but calls of one kind that it sends all at once have all waited since the first of them was due.
 */
export function dueTime(model: Model, request: Request, at: number, kind: number, inputTime: number): number {
  const { calls } = request;
  let first = at;
  while (first > 0 && calls[first - 1]!.kind === kind) first -= 1;
  const one = calls[first];
  if (at - first === 0 || one === undefined || !model.sendsAtOnce(request.kind, kind)) return inputTime;
  let due: number = request.start;
  for (let i = 0; i < first; i += 1) {
    const { answered } = calls[i]!;
    if (answered <= one.start && answered > due) due = answered;
  }
  return due;
}

export const socketPlace = ({ previous, place }: Call, request: Request) =>
  previous === undefined || place >= OPENING_CALLS ? 0 : previous.request === request ? 1 : 2;

export const tailFrom = (calls: readonly Call[], call: Call) => calls.slice(calls.indexOf(call));

const byStart = (a: Weighed, b: Weighed) => compareSent(a.request.span, b.request.span);
const byOwn = (a: Weighed, b: Weighed) => b.own - a.own || byStart(a, b);
/** The best by themselves, and in any case `also`. */
export function best(weighed: readonly Weighed[], count: number, also: Request | undefined): Weighed[] {
  const kept: Weighed[] = [];
  for (const each of weighed) {
    let at = kept.length;
    while (at > 0 && byOwn(each, kept[at - 1]!) < 0) at -= 1;
    if (at >= count) continue;
    kept.splice(at, 0, each);
    if (kept.length > count) kept.pop();
  }
  if (also !== undefined && !kept.some(({ request }) => request === also)) {
    const held = weighed.find(({ request }) => request === also);
    if (held !== undefined) kept.push(held);
  }
  return kept;
}

export const byTotal = (a: Weighed, b: Weighed) => b.total - a.total || byStart(a, b);

export function inserted(calls: readonly Call[], call: Call): readonly Call[] {
  const at = placeOf(calls, call, compareCalls);
  return [...calls.slice(0, at), call, ...calls.slice(at)];
}

/** The call of the other request that is likest to this one: of its kind, nearest in time, and possible for both. */
export function counterpartOf(call: Call, request: Request, other: Request): Call | undefined {
  let nearest: Call | undefined;
  for (const each of other.calls) {
    if (each.kind !== call.kind || each.start < request.start || each.start > request.until) continue;
    if (!each.open.includes(request)) continue;
    if (nearest === undefined || Math.abs(each.start - call.start) < Math.abs(nearest.start - call.start))
      nearest = each;
  }
  return nearest;
}

export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
