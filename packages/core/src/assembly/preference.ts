import { assertUnreachable } from '../base/assert';
import type { Span } from '../span/span';
import type { Preference } from './assembled-trace';
import { comparePath } from './network-path';

const deviation = (child: Span, parent: Span) =>
  Math.abs(child.start - parent.start) + Math.abs(child.end - parent.end);

/** Compares two candidates of one child: negative when `a` is the better parent. Never 0 for two spans. */
export function comparePreferred(preference: Preference, child: Span, a: Span, b: Span): number {
  return difference(preference, child, a, b) || (a.id < b.id ? -1 : 1);
}

function difference(preference: Preference, child: Span, a: Span, b: Span): number {
  switch (preference) {
    case 'latest-start':
      return b.start - a.start;
    case 'smallest-deviation':
      return deviation(child, a) - deviation(child, b);
    case 'closest-duration': {
      const duration = child.end - child.start;
      return Math.abs(a.end - a.start - duration) - Math.abs(b.end - b.start - duration);
    }
    case 'nearest-on-path':
      return comparePath(b, a) || deviation(child, a) - deviation(child, b);
    default:
      return assertUnreachable(preference);
  }
}
