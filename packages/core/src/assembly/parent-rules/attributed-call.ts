import type { AttributionCandidate } from '../../attribution/attribution';
import type { Span } from '../../span/span';
import type { MatchedValue, RuleCondition } from '../assembled-trace';
import type { ParentRule } from '../parent-rule';
import { sameProcess } from './conditions';

/**
 *   s-p A  ──[ id 3 ···  waits in line  ····· ]──          p = 0.97
 *   s-p B  ────[ id 4 ·········· ]──                       p = 0.02
 *   c-p       ─────────────────[ sent in B's turn ]──      on the connection that B's call left
 *
 * Where one thread has many requests open, or hands them on, the thread that sent a call does not tell whose it was. The
 * whole capture does: `attributeCalls` weighs every request that was open and leaves its verdict with the call. This rule
 * reads it: the request it names, the others as near misses, and what was compared.
 */
export const attributedCall: ParentRule = {
  id: 'X04',
  name: 'attributed-call',
  sentence:
    'Of the requests that were open in the process, this one explains the call best: by turn, order, words and what such requests do.',
  children: ['client'],
  strength: 'inferred',
  candidates: { kind: 'shared-key', key: 'systrace', role: 'server', within: 'anywhere' },
  preference: 'latest-start',
  appliesTo: (child) => child.type === 'sys' && child.attribution !== undefined,
  probability: (child, parent) => candidateFor(child, parent)?.probability,
  judge(child, candidate) {
    if (child.type !== 'sys' || candidate.type !== 'sys') return undefined;
    const found = candidateFor(child, candidate);
    const best = child.attribution?.candidates[0];
    if (found === undefined || best === undefined) return undefined;
    const { systraceId, probability, signs } = found;
    const matched: MatchedValue[] = [{ child: 'attribution', parent: 'systraceIdRequest', value: String(systraceId) }];
    const conditions: RuleCondition[] = [
      sameProcess(child, candidate),
      { kind: 'likeliest', holds: found === best, probability, best: best.parent, bestProbability: best.probability },
      ...signs.map((sign) => ({ kind: 'sign', holds: true, sign }) as const),
    ];
    return { rule: 'X04', child: child.id, parent: candidate.id, matched, conditions };
  },
};

function candidateFor(child: Span, parent: Span): AttributionCandidate | undefined {
  if (child.type !== 'sys') return undefined;
  return child.attribution?.candidates.find((candidate) => candidate.parent === parent.id);
}
