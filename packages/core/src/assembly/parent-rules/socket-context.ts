import type { ParentRule } from '../parent-rule';
import { covers, listOf, matchOf, sameProcess } from './conditions';

/**
 *   s-p   ──[ request id 7 ···················· ]──
 *                └─ thread ─┐
 *   connect ───────────────(7)
 *                           └─ socket ─┐
 *   c-p   ─────────────────────────────[ id 9 ]────
 *
 * A proxy or an event loop asks for a connection while it handles a request, and writes when the connection is there:
 * by then the thread has read something else, and its open id is that one's. The connect call knows better.
 */
export const socketContext: ParentRule = {
  id: 'X03',
  name: 'socket-context',
  sentence: 'The connection was asked for by the thread that was handling the request; this was the first call on it.',
  children: ['client'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'systrace', role: 'server', within: 'anywhere' },
  preference: 'latest-start',
  appliesTo: (child) => child.type === 'sys' && child.systraceIdConnect !== undefined,
  judge(child, candidate) {
    if (child.type !== 'sys' || candidate.type !== 'sys' || child.hostId !== candidate.hostId) return undefined;
    const { systraceIdConnect } = child;
    const match = matchOf('systraceIdConnect', systraceIdConnect, 'systraceIdRequest', candidate.systraceIdRequest);
    if (match === undefined) return undefined;
    const conditions = [sameProcess(child, candidate), covers(child, candidate)];
    return { rule: 'X03', child: child.id, parent: candidate.id, matched: listOf(match, undefined), conditions };
  },
};
