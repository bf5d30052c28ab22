import type { Span, SysSpan } from '../../span/span';
import type { AssemblyOptions, MatchedValue, RuleCondition } from '../assembled-trace';
import type { ParentRule, RuleContext } from '../parent-rule';
import { covers, listOf, matchOf, withinTolerance } from './conditions';

/**
 *   c-p  ──[ seq 1000 ─────────────── seq 5000 ]──    the caller's end of the connection
 *              │ same bytes     same bytes │
 *   s-p  ────[ seq 1000 ────────── seq 5000 ]─────    the server's end
 *
 * Forwarding changes addresses but not TCP sequence numbers, so both ends see a message begin at the same one. A
 * session is compared by both directions; a half by the one it has. 32 bits come round again, so the times must be
 * near as well. The two may be one process calling itself, never one socket.
 */
export const serverUnderClient: ParentRule = {
  id: 'R11',
  name: 'server-under-client',
  sentence: 'Both ends of one connection saw the same request: same TCP sequence numbers at the same time.',
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'tcp-seq', role: 'client', within: 'anywhere' },
  preference: 'smallest-deviation',
  appliesTo: (child) => child.type === 'sys' && child.tapSide === 's-p',
  judge(child, candidate, context) {
    if (child.type !== 'sys' || candidate.type !== 'sys') return undefined;
    if (child.hostId === candidate.hostId && child.socket.id === candidate.socket.id) return undefined;
    const request = compareSide('request', child, candidate, context.options);
    const response = compareSide('response', child, candidate, context.options);
    const matched = listOf(request?.match, response?.match);
    if (matched.length === 0) return undefined;
    const between = netSpanBetween(child, candidate, context);
    const conditions: RuleCondition[] = [
      ...listOf(request?.differs, response?.differs),
      ...timesOf(child, candidate, request, response),
      { kind: 'no-net-span-between', holds: between === undefined, between: between?.id ?? null },
    ];
    return { rule: 'R11', child: child.id, parent: candidate.id, matched, conditions };
  },
};

/**
 * Equal in both directions, and the client was waiting all the while: then it does not matter how late the server came
 * to read (a queue of connections, a busy thread), or the client to read the answer. Otherwise the times must be near.
 */
function timesOf(child: Span, parent: Span, request?: ComparedSide, response?: ComparedSide): RuleCondition[] {
  const within = covers(child, parent);
  const both = request?.match !== undefined && response?.match !== undefined;
  const near = request?.time.holds !== false && response?.time.holds !== false;
  return both && within.holds && !near ? [within] : listOf(request?.time, response?.time);
}

/** Each direction with its time and sequence, and the kind of half span that lacks it. */
const SIDES = {
  request: { lacking: 'response', edge: 'start', field: 'tcpSeqRequest' },
  response: { lacking: 'request', edge: 'end', field: 'tcpSeqResponse' },
} as const;

interface ComparedSide {
  readonly match: MatchedValue | undefined;
  /** Both sequences are known, and not the same. */
  readonly differs: RuleCondition | undefined;
  readonly time: RuleCondition;
}

/** Compares one direction, if both spans have it. */
function compareSide(
  side: 'request' | 'response',
  child: SysSpan,
  parent: SysSpan,
  options: AssemblyOptions,
): ComparedSide | undefined {
  const { lacking, edge, field } = SIDES[side];
  if (child.messageType === lacking || parent.messageType === lacking) return undefined;
  const [own, other] = [child[field], parent[field]];
  return {
    match: matchOf(field, own, field, other),
    differs:
      own === undefined || other === undefined || own === other
        ? undefined
        : { kind: 'field-equal', holds: false, field, child: String(own), parent: String(other) },
    time: withinTolerance(edge, child, parent, options),
  };
}

/** A packet span of this very message: it hangs between the two ends (R09, R10). */
function netSpanBetween(child: SysSpan, parent: SysSpan, { sharing, options }: RuleContext): Span | undefined {
  return sharing(child, 'tcp-seq', 'net').find(
    (net) =>
      net.type === 'net' &&
      Object.values(SIDES).every(({ field }) => net[field] === undefined || net[field] === child[field]) &&
      withinTolerance('start', net, parent, options).holds,
  );
}
