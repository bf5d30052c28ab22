import { UNANCHORED } from './anchors';
import { NOBODY, type ProcessAssignment } from './assignment';

import type { Attribution, AttributionCandidate } from './attribution';
import { calibrated } from './calibration';
import type { Weighed } from './weighing';
import { type Call, OPENING_CALLS, type Request } from './work';

/** Candidates that are kept and shown. */
const MAX_CANDIDATES = 3;
/** Less likely ones are left out. */
const MIN_PROBABILITY = 0.005;
/** At this probability the thread's own word, where it is clear, needs no other support. */
const CONFIRMED = 0.95;

/**
 * For whom a call was made, with all that speaks for it; undefined = the thread's rules say it as well, or nobody can.
 */
export function verdictOf(call: Call, assignment: ProcessAssignment): Attribution | undefined {
  if (call.request === undefined) return undefined;
  const weighed = assignment.weigh(call);
  const shares = probabilities(weighed, marginOf(call, weighed, assignment));
  const best = weighed[0]!;
  if ((call.open.length === 1 || shares[0]! >= CONFIRMED) && threadTells(call, best.request)) return undefined;
  const candidates: AttributionCandidate[] = [];
  weighed.slice(0, MAX_CANDIDATES).forEach((each, i) => {
    if (i > 0 && shares[i]! < MIN_PROBABILITY) return;
    const { id, systraceIdRequest } = each.request.span;
    if (systraceIdRequest === undefined) return;
    const probability = Math.round(shares[i]! * 1000) / 1000;
    candidates.push({ parent: id, systraceId: systraceIdRequest, probability, signs: assignment.signs(call, each) });
  });
  return candidates.length === 0 ? undefined : { candidates };
}

/**
 * By how much the best candidate is ahead. What a connection was opened for is no surer than for whom it was opened: the
 * calls of a connection's beginning stand and fall together.
 */
export function marginOf(call: Call, weighed: readonly Weighed[], assignment: ProcessAssignment): number {
  const own = weighed[0]!.total - Math.max(NOBODY, weighed[1]?.total ?? NOBODY);
  const { previous, place } = call;
  if (previous === undefined || place >= OPENING_CALLS || previous.request !== call.request) return own;
  return Math.min(own, marginOf(previous, assignment.weigh(previous), assignment));
}

/** Of each candidate, best first; what is left to 1 is nobody's, or that of others. */
function probabilities(weighed: readonly Weighed[], margin: number): number[] {
  const rival = Math.max(NOBODY, weighed[1]?.total ?? NOBODY);
  const first = calibrated(margin);
  const others = weighed.slice(1).map(({ total }) => Math.exp(total - rival));
  const rest = others.reduce((sum, share) => sum + share, Math.exp(NOBODY - rival));
  // Where the lead is small, those that were not looked at closely have their share as well.
  return [first, ...others.map((share) => Math.min(first, ((1 - first) * share) / rest))];
}

/**
 * The call and the request share a turn of the thread, and the call with no other request: then R05 links them. Or it is
 * the only request, and the turns lead to it: then R06 does.
 */
function threadTells({ span, open, anchors }: Call, request: Request): boolean {
  if (span.systraceIdConnect !== undefined || request.span.end < span.end) return false;
  const shares = ({ span: other }: Request) =>
    (span.systraceIdRequest !== undefined && span.systraceIdRequest === other.systraceIdRequest) ||
    (span.systraceIdResponse !== undefined && span.systraceIdResponse === other.systraceIdResponse);
  if (open.length === 1 && anchors[0] !== UNANCHORED) return true;
  return shares(request) && !open.some((other) => other !== request && shares(other));
}
