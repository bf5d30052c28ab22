import type { SysSpan } from '../../span/span';
import type { MatchedField, ParentRule } from '../parent-rule';
import { covers, listOf, matchOf, sameInstance } from './conditions';

/**
 *   s-p  ──[ id 7 ··································· id 9 ]──
 *   app  ─────[ span a1, no parent ────────────────────── ]────
 *   c-p  ────────[ id 7   span a1 ──── ]───────────────────────    a call below it
 *
 * The caller sent no trace context, so the application began a trace of its own. A call that hangs below its outermost
 * span was made by the thread that handled the request, or carried its X-Request-ID.
 */
export const appUnderServerBySystrace: ParentRule = {
  id: 'R03',
  name: 'app-under-server-by-systrace',
  sentence: 'A call below the application’s span was made by the thread that was handling the request.',
  children: ['app'],
  strength: 'exact',
  candidates: {
    kind: 'call-below',
    lookups: [
      { key: 'systrace', role: 'server', within: 'anywhere' },
      { key: 'x-request-id', role: 'server', within: 'process' },
    ],
  },
  preference: 'latest-start',
  appliesTo: (child) => !child.parentSpanId,
  judge(child, candidate, _context, via) {
    if (child.type !== 'app' || candidate.type !== 'sys' || via?.type !== 'sys') return undefined;
    const matched = matchCall(via, candidate);
    if (matched.length === 0) return undefined;
    const conditions = [sameInstance(child, candidate), covers(child, candidate), covers(via, candidate)];
    return { rule: 'R03', child: child.id, parent: candidate.id, through: via.id, matched, conditions };
  },
};

/** As R05 and R07 compare a call with the request that it was made for. */
function matchCall(call: SysSpan, server: SysSpan): MatchedField[] {
  const thread =
    call.hostId === server.hostId
      ? listOf(
          matchOf('systraceIdRequest', call.systraceIdRequest, 'systraceIdRequest', server.systraceIdRequest),
          matchOf('systraceIdResponse', call.systraceIdResponse, 'systraceIdResponse', server.systraceIdResponse),
        )
      : [];
  if (thread.length > 0) return thread;
  const passedOn = listOf(
    matchOf('xRequestIdRequest', call.xRequestIdRequest, 'xRequestIdRequest', server.xRequestIdRequest),
    matchOf('xRequestIdResponse', call.xRequestIdResponse, 'xRequestIdResponse', server.xRequestIdResponse),
  );
  const madeHere = matchOf(
    'xRequestIdRequest',
    call.xRequestIdRequest,
    'xRequestIdResponse',
    server.xRequestIdResponse,
  );
  return madeHere === undefined ? passedOn : [...passedOn, madeHere];
}
