import { comparePassage, noNetSpanBetween } from '../network-path';
import type { ParentRule } from '../parent-rule';

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
  children: ['server'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'tcp-seq', role: 'client', within: 'anywhere' },
  preference: 'smallest-deviation',
  judge(child, candidate, context) {
    // What numbers the bytes of a unix socket is X01's to compare.
    if (child.type !== 'sys' || candidate.type !== 'sys' || child.socket.transport === 'unix') return undefined;
    const passage = comparePassage(child, candidate, context.options);
    if (passage === undefined) return undefined;
    const conditions = [...passage.conditions, noNetSpanBetween(child, candidate, context)];
    return { rule: 'R11', child: child.id, parent: candidate.id, matched: passage.matched, conditions };
  },
};
