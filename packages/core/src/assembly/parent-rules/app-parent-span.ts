import type { ParentRule } from '../parent-rule';
import { matchSpanId, sameInstance } from './conditions';

/**
 *   app  ──[ span a1 ······························ ]──
 *   app  ────[ span b2   parent a1 ────────────── ]────    the same program
 *
 * A program names the parent of each span that it reports. Within the program nothing can lie between the two.
 */
export const appParentSpan: ParentRule = {
  id: 'R01',
  name: 'app-parent-span',
  sentence: 'The application names this span as the parent.',
  children: ['app'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'span-id', role: 'app', within: 'anywhere', spanId: 'parent' },
  preference: 'smallest-deviation',
  judge(child, candidate) {
    const matched = matchSpanId(child, 'parentSpanId', candidate, 'spanId');
    if (matched.length === 0) return undefined;
    const conditions = [sameInstance(child, candidate)];
    return { rule: 'R01', child: child.id, parent: candidate.id, matched, conditions };
  },
};
