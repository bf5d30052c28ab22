import { lastOnPath } from '../network-path';
import type { ParentRule } from '../parent-rule';
import { isEntry } from './app-spans';
import { matchSpanId } from './conditions';

/**
 *   s-nd ──[ traceparent … span a1 ················ ]──    the last interface that showed the request
 *   app  ────[ span b2   parent a1 ────────────── ]────    what the program reports of it
 *
 * Where the server's system calls were not recorded, the last packet span takes their place.
 */
export const appUnderNetwork: ParentRule = {
  id: 'R13',
  name: 'app-under-network',
  sentence: 'The application’s span and the packets that reached it name the same caller.',
  children: ['app'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'span-id', role: 'net', within: 'anywhere', spanId: 'parent' },
  preference: 'smallest-deviation',
  appliesTo: (child) => child.tapSide !== 'c-app',
  judge(child, candidate, context) {
    if (child.type !== 'app' || candidate.type !== 'net') return undefined;
    const matched = matchSpanId(child, 'parentSpanId', candidate, 'spanId');
    if (matched.length === 0) return undefined;
    const conditions = [isEntry(child, context), lastOnPath(candidate, context)];
    return { rule: 'R13', child: child.id, parent: candidate.id, matched, conditions };
  },
};
