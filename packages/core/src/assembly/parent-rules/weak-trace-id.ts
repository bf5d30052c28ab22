import type { ParentRule } from '../parent-rule';
import { beyondGateway } from './beyond-gateway';
import { sharedTraceIds } from './conditions';

/**
 *   c-p  ──[ traceparent 4bf9… ························ ]──    no callee of it was seen
 *             │ something that was not recorded
 *   s-p  ─────[ traceparent 4bf9… ─────────────────── ]─────   no caller of it was seen
 *
 * The trace id is the whole trace's: it says that the one belongs to the other, not that nothing lies between. Comes
 * last, and only for a request whose callee, and one whose caller, is missing.
 */
export const weakTraceId: ParentRule = {
  id: 'X06',
  name: 'weak-trace-id',
  sentence: 'A request whose callee was not seen and one whose caller was not seen are of the same trace.',
  children: ['net', 'server'],
  strength: 'weak',
  candidates: { kind: 'shared-key', key: 'trace-id', role: ['client', 'net'], within: 'anywhere' },
  preference: 'closest-duration',
  judge(child, candidate, context) {
    const matched = sharedTraceIds(child, candidate);
    if (matched.length === 0) return undefined;
    const conditions = beyondGateway(child, candidate, context);
    return conditions && { rule: 'X06', child: child.id, parent: candidate.id, matched, conditions };
  },
};
