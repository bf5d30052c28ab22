import type { Span, SysSpan } from '../../span/span';
import type { EvidenceField, MatchedValue, RuleCondition } from '../assembled-trace';
import type { ParentRule, RuleContext } from '../parent-rule';
import { evidenceOf, pushMatch, withinTolerance } from './conditions';

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
    const matched: MatchedValue[] = [];
    const conditions: RuleCondition[] = [];
    for (const { half, edge, field } of SIDES) {
      if (child.messageType === half || candidate.messageType === half) continue;
      const own = child[field];
      const others = candidate[field];
      pushMatch(matched, field, own, field, others);
      if (own !== undefined && others !== undefined && own !== others) {
        conditions.push({ kind: 'field-equal', holds: false, field, child: String(own), parent: String(others) });
      }
      conditions.push(withinTolerance(edge, child, candidate, context.options));
    }
    if (matched.length === 0) return undefined;
    const between = netSpanBetween(child, candidate, context);
    conditions.push({ kind: 'no-net-span-between', holds: between === undefined, between: between?.id ?? null });
    return evidenceOf('R11', child, candidate, matched, conditions);
  },
};

/** Each direction with the time that belongs to it, and the kind of half span that lacks it. */
const SIDES = [
  { half: 'response', edge: 'start', field: 'tcpSeqRequest' },
  { half: 'request', edge: 'end', field: 'tcpSeqResponse' },
] as const satisfies readonly { half: string; edge: 'start' | 'end'; field: EvidenceField }[];

/** A packet span of this very message: it hangs between the two ends (R09, R10). */
function netSpanBetween(child: SysSpan, parent: SysSpan, { sharing, options }: RuleContext): Span | undefined {
  return sharing(child, 'tcp-seq', 'net').find(
    (net) =>
      net.type === 'net' &&
      SIDES.every(({ field }) => net[field] === undefined || net[field] === child[field]) &&
      withinTolerance('start', net, parent, options).holds,
  );
}
