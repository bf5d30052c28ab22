import type { ParentRule } from '../parent-rule';
import { covers, sameProcess, sharedTraceIds } from './conditions';

/**
 *   s-p  ──[ traceparent 4bf9… ··············· ]──
 *   c-p  ─────[ traceparent 4bf9… ──────── ]──────
 *
 * A program that propagates a trace context names the trace on the way in and on the way out. The id is the whole
 * trace's, so several requests of one process may carry it: the link is weak, and the latest of them wins.
 */
export const traceIdInProcess: ParentRule = {
  id: 'R08',
  name: 'trace-id-in-process',
  sentence: 'The call carried the trace id of the request that the process was handling.',
  children: ['client'],
  strength: 'weak',
  candidates: { kind: 'shared-key', key: 'trace-id', role: 'server', within: 'process' },
  preference: 'latest-start',
  judge(child, candidate) {
    if (child.type !== 'sys' || candidate.type !== 'sys') return undefined;
    const matched = sharedTraceIds(child, candidate);
    if (matched.length === 0) return undefined;
    const conditions = [sameProcess(child, candidate), covers(child, candidate)];
    return { rule: 'R08', child: child.id, parent: candidate.id, matched, conditions };
  },
};
