import type { RuleCondition } from '../assembled-trace';
import type { MatchedField, ParentRule } from '../parent-rule';
import { covers, listOf, matchOf, sameProcess } from './conditions';

/**
 *   s-p  ──[ request  id 7 ················ response id 9 ]──
 *               └─ thread ─┐              ┌─ thread ─┘
 *   c-p  ─────────[ request id 7 ── response id 9 ]──────────
 *
 * A thread that reads a request and then calls out does both under one systrace id; so it does when it reads the last
 * answer and then responds. One equal side is enough: with several calls only the first shares the request's id and
 * only the last the response's.
 */
export const systraceSameSide: ParentRule = {
  id: 'R05',
  name: 'systrace-same-side',
  sentence: 'The call was made by the thread that was handling the request.',
  children: ['client'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'systrace', role: 'server', within: 'anywhere' },
  preference: 'latest-start',
  judge(child, candidate) {
    if (child.type !== 'sys' || candidate.type !== 'sys' || child.hostId !== candidate.hostId) return undefined;
    const { systraceIdRequest: request, systraceIdResponse: response } = child;
    const { systraceIdRequest: parentRequest, systraceIdResponse: parentResponse } = candidate;
    const sameSide = listOf(
      matchOf('systraceIdRequest', request, 'systraceIdRequest', parentRequest),
      matchOf('systraceIdResponse', response, 'systraceIdResponse', parentResponse),
    );
    const matched =
      sameSide.length > 0
        ? sameSide
        : listOf(
            matchOf('systraceIdRequest', request, 'systraceIdResponse', parentResponse),
            matchOf('systraceIdResponse', response, 'systraceIdRequest', parentRequest),
          );
    if (matched.length === 0) return undefined;
    const inTime = [sameProcess(child, candidate), covers(child, candidate)];
    // A one-way message has one id for what would be two, so there the sides mean nothing.
    const crossed = sameSide.length === 0 && !child.oneway && !candidate.oneway;
    const conditions = crossed ? [otherSideDiffers(matched[0]!, child, candidate), ...inTime] : inTime;
    return { rule: 'R05', child: child.id, parent: candidate.id, matched, conditions };
  },
};

type SystraceIds = { readonly systraceIdRequest?: number; readonly systraceIdResponse?: number };

/** The ids agree, but a request's with a response's: shows the field that should have agreed. */
function otherSideDiffers({ child: field }: MatchedField, child: SystraceIds, parent: SystraceIds): RuleCondition {
  const side = field === 'systraceIdRequest' ? 'systraceIdRequest' : 'systraceIdResponse';
  return {
    kind: 'field-equal',
    holds: false,
    field: side,
    child: String(child[side] ?? ''),
    parent: String(parent[side] ?? ''),
  };
}
