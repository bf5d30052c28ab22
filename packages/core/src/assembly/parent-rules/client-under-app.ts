import { isHostUnknown } from '../../span/app-span/app-span';
import type { ParentRule } from '../parent-rule';
import { firstToCarry, isLeaf } from './app-spans';
import { matchSpanId, sameInstance } from './conditions';

/**
 *   app  ──[ span a1 ································· ]──    what the program reports of its call
 *   c-p  ────[ traceparent … span a1 ────────────── ]────    what it sent
 *
 * A program that propagates its trace context writes the id of the span that makes the call into the request.
 */
export const clientUnderApp: ParentRule = {
  id: 'R04',
  name: 'client-under-app',
  sentence: 'The call carries the id of the span that the application reports for it.',
  children: ['client'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'span-id', role: 'app', within: 'anywhere' },
  preference: 'smallest-deviation',
  judge(child, candidate, context) {
    const matched = matchSpanId(child, 'spanId', candidate, 'spanId');
    if (matched.length === 0) return undefined;
    const conditions = [sameInstance(child, candidate), isLeaf(child, candidate, context)];
    // A proxy passes the header on: without a host to go by, the first that sent it is the application itself.
    if (isHostUnknown(candidate)) conditions.push(firstToCarry(child, context));
    return { rule: 'R04', child: child.id, parent: candidate.id, matched, conditions };
  },
};
