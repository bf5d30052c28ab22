import type { Span } from '../span/span';

/** Order of spans wherever one is needed: by start, then the longer first, then by id, so that it never depends on arrival. */
export function compareSpans(a: Span, b: Span): number {
  return a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
