import { comparePassage, comparePath, noNetSpanBetween } from '../network-path';
import type { ParentRule } from '../parent-rule';

/**
 *   c-p  ──[ seq 1000 ─────────────────────── seq 5000 ]──    the caller's system calls
 *   c    ───[ seq 1000 ───────────────────── seq 5000 ]───    its node's interface
 *   s-nd ─────[ seq 1000 ───────────────── seq 5000 ]─────    the other node's
 *
 * Each interface that a message passes shows it again, with the same TCP sequence numbers. The points have an order
 * (rank along the path, then time), and each hangs under the one just before it.
 */
export const networkHop: ParentRule = {
  id: 'R09',
  name: 'network-hop',
  sentence: 'The next point on the way of one message: same TCP sequence numbers at the same time.',
  children: ['net'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'tcp-seq', role: ['client', 'net'], within: 'anywhere' },
  preference: 'nearest-on-path',
  judge(child, candidate, context) {
    if (child.type !== 'net' || candidate.type === 'app' || comparePath(candidate, child) >= 0) return undefined;
    const passage = comparePassage(child, candidate, context.options);
    if (passage === undefined) return undefined;
    const conditions = [...passage.conditions, noNetSpanBetween(child, candidate, context)];
    return { rule: 'R09', child: child.id, parent: candidate.id, matched: passage.matched, conditions };
  },
};
