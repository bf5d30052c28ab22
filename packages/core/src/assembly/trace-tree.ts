import type { Nanoseconds, SpanId } from '../base/brand';
import type { Span } from '../span/span';
import type { AssembledTrace, AssemblyOptions, ParentLink, RuleEvidence } from './assembled-trace';
import { type Assignment, assignParents } from './assign-parents';
import type { MemorySpanIndex } from './span-index';
import { compareSpans } from './span-order';

/** What the search, not the trees, has to say of a trace. */
export type SearchReport = Pick<AssembledTrace, 'rounds' | 'roundsExhausted' | 'pruned'>;

/** All trees of an index. */
export interface Forest {
  /** Positions of the roots, sorted by `compareSpans`. */
  readonly roots: readonly number[];
  rootOf(position: number): number;
  trace(root: number, search: SearchReport): AssembledTrace;
}

/** Assigns every span of the index its parent and reads the trees off. */
export function growForest(index: MemorySpanIndex, options: AssemblyOptions): Forest {
  const order = sortedPositions(index);
  const assignment = assignParents(index, order, options);
  const roots: number[] = [];
  const children = new Map<number, number[]>();
  // In order of spans, so siblings come out sorted.
  for (const position of order) {
    const parent = assignment.parentOf(position);
    if (parent === undefined) {
      roots.push(position);
      continue;
    }
    const siblings = children.get(parent);
    if (siblings) siblings.push(position);
    else children.set(parent, [position]);
  }
  return {
    roots,
    rootOf(position) {
      let at = position;
      for (let up = assignment.parentOf(at); up !== undefined; up = assignment.parentOf(at)) at = up;
      return at;
    },
    trace: (root, search) => readTrace(index, depthFirst(root, children), assignment, search),
  };
}

/** All positions by `compareSpans`. The starts are laid side by side first: reading them from a million spans is slow. */
function sortedPositions(index: MemorySpanIndex): number[] {
  const starts = Float64Array.from({ length: index.size }, (_, i) => index.at(i).start);
  const order = Array.from(starts, (_, i) => i);
  return order.sort((a, b) => starts[a]! - starts[b]! || compareSpans(index.at(a), index.at(b)));
}

/** Parents before children, siblings in order; without recursion, as a trace may be deeper than the stack. */
function depthFirst(root: number, children: ReadonlyMap<number, readonly number[]>): number[] {
  const visited: number[] = [];
  const ahead = [root];
  for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
    visited.push(at);
    const below = children.get(at);
    if (below) for (let i = below.length - 1; i >= 0; i -= 1) ahead.push(below[i]!);
  }
  return visited;
}

function readTrace(
  index: MemorySpanIndex,
  positions: readonly number[],
  assignment: Assignment,
  search: SearchReport,
): AssembledTrace {
  const spans: Span[] = [];
  const links = new Map<SpanId, ParentLink>();
  const nearMisses = new Map<SpanId, readonly RuleEvidence[]>();
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const position of positions) {
    const span = index.at(position);
    spans.push(span);
    if (span.start < start) start = span.start;
    if (span.end > end) end = span.end;
    const link = assignment.linkOf(position);
    if (link !== undefined) links.set(span.id, link);
    const missed = assignment.nearMissesOf(position);
    if (missed.length > 0) nearMisses.set(span.id, missed);
  }
  const root = spans[0]!.id;
  return { id: root, root, start: start as Nanoseconds, end: end as Nanoseconds, spans, links, nearMisses, ...search };
}
