import { firstOnPath } from '../network-path';
import type { ParentRule } from '../parent-rule';
import { isLeaf } from './app-spans';
import { matchSpanId } from './conditions';

/**
 *   app  ──[ span a1 ································· ]──    what the program reports of its call
 *   c-nd ────[ traceparent … span a1 ────────────── ]────    the first interface that showed it
 *
 * Where the caller's system calls were not recorded, the first packet span takes their place.
 */
export const networkUnderApp: ParentRule = {
  id: 'R12',
  name: 'network-under-app',
  sentence: 'The packets carry the id of the span that the application reports for its call.',
  children: ['net'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'span-id', role: 'app', within: 'anywhere' },
  preference: 'smallest-deviation',
  judge(child, candidate, context) {
    if (child.type !== 'net') return undefined;
    const matched = matchSpanId(child, 'spanId', candidate, 'spanId');
    if (matched.length === 0) return undefined;
    const conditions = [firstOnPath(child, context), isLeaf(child, candidate, context)];
    return { rule: 'R12', child: child.id, parent: candidate.id, matched, conditions };
  },
};
