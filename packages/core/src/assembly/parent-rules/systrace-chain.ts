import type { ParentRule } from '../parent-rule';
import { covers, listOf, matchOf, sameProcess } from './conditions';

/**
 *   s-p      ──[ id 7 ······························· id 11 ]──
 *   sibling  ────[ id 7 ── id 9 ]──────────────────────────────   already under s-p
 *                             └─ thread ─┐
 *   c-p      ──────────────────────────[ id 9 ── id 10 ]────────
 *
 * Calls made one after another: the thread reads one answer and sends the next request under one systrace id. The
 * middle calls share nothing with the server span itself, but each with its neighbour.
 */
export const systraceChain: ParentRule = {
  id: 'R06',
  name: 'systrace-chain',
  sentence: 'The call followed, or was followed by, another call of the same request in the same thread.',
  children: ['client'],
  strength: 'exact',
  candidates: { kind: 'chained-sibling' },
  preference: 'latest-start',
  judge(child, candidate, _context, via) {
    if (child.type !== 'sys' || candidate.type !== 'sys' || via?.type !== 'sys') return undefined;
    if (child.hostId !== via.hostId || child.id === via.id) return undefined;
    const matched = listOf(
      matchOf('systraceIdRequest', child.systraceIdRequest, 'systraceIdResponse', via.systraceIdResponse),
      matchOf('systraceIdResponse', child.systraceIdResponse, 'systraceIdRequest', via.systraceIdRequest),
    );
    if (matched.length === 0) return undefined;
    const conditions = [sameProcess(child, candidate), covers(child, candidate)];
    return { rule: 'R06', child: child.id, parent: candidate.id, via: via.id, matched, conditions };
  },
};
