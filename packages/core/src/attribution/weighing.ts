import type { Model } from './model';
import { compareSent } from './outgoing';
import { type Call, OPENING_CALLS, type Request } from './work';

/** One request weighed for one call. */
export interface Weighed {
  readonly request: Request;
  /** Its place among the call's open requests. */
  readonly slot: number;
  /** Log-likelihood, with what the call makes of the rest of the request's life. */
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

const byStart = (a: Request, b: Request) => compareSent(a.span, b.span);

/** Slots of the best of the open requests by themselves, and in any case that of `also`. `own`: by slot. */
export function best(open: readonly Request[], own: Float64Array, count: number, also: Request | undefined): number[] {
  const kept: number[] = [];
  for (let slot = 0; slot < open.length; slot += 1) {
    const score = own[slot]!;
    let at = kept.length;
    while (
      at > 0 &&
      (score > own[kept[at - 1]!]! || (score === own[kept[at - 1]!] && byStart(open[slot]!, open[kept[at - 1]!]!) < 0))
    )
      at -= 1;
    if (at >= count) continue;
    kept.splice(at, 0, slot);
    if (kept.length > count) kept.pop();
  }
  if (also !== undefined && !kept.some((slot) => open[slot] === also)) {
    const held = open.indexOf(also);
    if (held >= 0) kept.push(held);
  }
  return kept;
}

export const byTotal = (a: Weighed, b: Weighed) => b.total - a.total || byStart(a.request, b.request);

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

export function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
