import type { LinkForest } from './link-forest';
import { type MemorySpanIndex, spanRole } from './span-index';

/** Calls looked at for one application span; one that shares the thread's id is enough. */
const MAX_CALLS = 64;
/** Application spans between a call and the server span above them: deeper nesting is not climbed. */
const MAX_DEPTH = 64;

/** The c-p spans below each application span that is a root so far, earliest first, roots by their first call. */
export function callsBelowApps(
  index: MemorySpanIndex,
  order: Int32Array,
  forest: LinkForest,
): ReadonlyMap<number, readonly number[]> {
  const calls = new Map<number, number[]>();
  for (const position of order) {
    const parent = forest.parentOf(position);
    if (parent === undefined || spanRole(index.at(position)) !== 'client') continue;
    const root = appRootAbove(index, forest, parent);
    if (root === undefined) continue;
    const known = calls.get(root);
    if (known === undefined) calls.set(root, [position]);
    else if (known.length < MAX_CALLS) known.push(position);
  }
  return calls;
}

/** The application span without a parent at the top of a run of application spans. */
function appRootAbove(index: MemorySpanIndex, forest: LinkForest, from: number): number | undefined {
  let at = from;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (spanRole(index.at(at)) !== 'app') return undefined;
    const parent = forest.parentOf(at);
    if (parent === undefined) return at;
    at = parent;
  }
  return undefined;
}

/** The server span that a call hangs under, be it with application spans in between. */
export function serverAbove(index: MemorySpanIndex, forest: LinkForest, call: number): number | undefined {
  let at = forest.parentOf(call);
  for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth += 1) {
    const role = spanRole(index.at(at));
    if (role === 'server') return at;
    if (role !== 'app') return undefined;
    at = forest.parentOf(at);
  }
  return undefined;
}
