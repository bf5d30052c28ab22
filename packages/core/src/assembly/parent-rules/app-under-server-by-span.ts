import type { ParentRule } from '../parent-rule';
import { isEntry } from './app-spans';
import { matchSpanId, sameInstance } from './conditions';

/**
 *   s-p  ──[ traceparent … span a1 ················ ]──    what the process received
 *   app  ────[ span b2   parent a1 ────────────── ]────    what it reports of it
 *
 * Both name the caller's span: the request in its header, the application as the parent of its outermost span. A proxy
 * that passes the header on has a server span with the same id, hence the same instance, and the nearest in time.
 */
export const appUnderServerBySpan: ParentRule = {
  id: 'R02',
  name: 'app-under-server-by-span',
  sentence: 'The application’s span and the request that the process received name the same caller.',
  children: ['app'],
  strength: 'exact',
  candidates: { kind: 'shared-key', key: 'span-id', role: 'server', within: 'anywhere', spanId: 'parent' },
  preference: 'smallest-deviation',
  appliesTo: (child) => child.tapSide !== 'c-app',
  judge(child, candidate, context) {
    if (child.type !== 'app' || candidate.type !== 'sys') return undefined;
    const matched = matchSpanId(child, 'parentSpanId', candidate, 'spanId');
    if (matched.length === 0) return undefined;
    const conditions = [sameInstance(child, candidate), isEntry(child, context)];
    return { rule: 'R02', child: child.id, parent: candidate.id, matched, conditions };
  },
};
