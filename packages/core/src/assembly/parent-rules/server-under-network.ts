import { comparePassage, noNetSpanBetween } from '../network-path';
import type { ParentRule } from '../parent-rule';

/**
 *   s-nd ───[ seq 1000 ─────────────────── seq 5000 ]───    the last interface that showed the message
 *   s-p  ─────[ seq 1000 ─────────────── seq 5000 ]─────    the server's system calls
 *
 * Where a message was seen on its way, the server's end hangs under the last point that it passed.
 */
export const serverUnderNetwork: ParentRule = {
  id: 'R10',
  name: 'server-under-network',
  sentence: 'The server took in the message that the last interface on its way showed: same TCP sequence numbers.',
  children: ['server'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'tcp-seq', role: 'net', within: 'anywhere' },
  preference: 'nearest-on-path',
  judge(child, candidate, context) {
    if (child.type !== 'sys' || candidate.type !== 'net') return undefined;
    const passage = comparePassage(child, candidate, context.options);
    if (passage === undefined) return undefined;
    const conditions = [...passage.conditions, noNetSpanBetween(child, candidate, context)];
    return { rule: 'R10', child: child.id, parent: candidate.id, matched: passage.matched, conditions };
  },
};
