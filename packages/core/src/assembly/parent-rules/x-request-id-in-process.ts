import type { ParentRule } from '../parent-rule';
import { covers, listOf, matchOf, sameProcess } from './conditions';

/**
 *   s-p  ──[ 0: a ························ 1: b ]──
 *             │ passed on        made here  │
 *   c-p  ─────[ 0: a  (or 0: b) ──── 1: b ]────────
 *
 * 0 is the X-Request-ID in the request, 1 that in the response. A proxy passes on what it was given (0 = 0, 1 = 1) or
 * makes an id, sends it upstream and tells its client (s-p.1 = c-p.0). The other cross, c-p.1 = s-p.0, proves nothing.
 */
export const xRequestIdInProcess: ParentRule = {
  id: 'R07',
  name: 'x-request-id-in-process',
  sentence: 'The call carried the X-Request-ID of the request that the process was handling.',
  children: ['client'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'x-request-id', role: 'server', within: 'process' },
  preference: 'latest-start',
  judge(child, candidate) {
    if (child.type !== 'sys' || candidate.type !== 'sys') return undefined;
    const { xRequestIdRequest: own0, xRequestIdResponse: own1 } = child;
    const { xRequestIdRequest: parent0, xRequestIdResponse: parent1 } = candidate;
    const passedOn = listOf(
      matchOf('xRequestIdRequest', own0, 'xRequestIdRequest', parent0),
      matchOf('xRequestIdResponse', own1, 'xRequestIdResponse', parent1),
    );
    const madeHere = matchOf('xRequestIdRequest', own0, 'xRequestIdResponse', parent1);
    const matched = madeHere === undefined ? passedOn : [...passedOn, madeHere];
    if (matched.length === 0) return undefined;
    const conditions = [sameProcess(child, candidate), covers(child, candidate)];
    return { rule: 'R07', child: child.id, parent: candidate.id, matched, conditions };
  },
};
