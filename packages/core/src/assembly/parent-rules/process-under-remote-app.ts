import type { ParentRule } from '../parent-rule';
import { encloses, matchSpanId } from './conditions';

/**
 *   app  ──[ span a1 ······································ ]──    the caller's program
 *             │ neither its system calls nor its packets were recorded
 *   s-p  ─────[ traceparent … span a1 ─────────────────── ]─────
 *   app  ─────[ span b2   parent a1 ───────────────────── ]─────    or the callee's program
 *
 * All that is known of the way between the two is that the callee names the caller's span. Comes when nothing nearer
 * was found. A span that an application reports may outlive its parent, so only what was measured must lie within.
 */
export const processUnderRemoteApp: ParentRule = {
  id: 'R14',
  name: 'process-under-remote-app',
  sentence: 'The request names a span that another application reports as its caller.',
  children: ['app', 'server'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'span-id', role: 'app', within: 'anywhere', spanId: 'either' },
  preference: 'smallest-deviation',
  judge(child, candidate, { options }) {
    if (child.id === candidate.id) return undefined;
    const byParent = matchSpanId(child, 'parentSpanId', candidate, 'spanId');
    const matched =
      child.type === 'app' || byParent.length > 0 ? byParent : matchSpanId(child, 'spanId', candidate, 'spanId');
    if (matched.length === 0) return undefined;
    const conditions = child.type === 'app' ? [] : encloses(child, candidate, options);
    return { rule: 'R14', child: child.id, parent: candidate.id, matched, conditions };
  },
};
