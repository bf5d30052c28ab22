import type { Nanoseconds, SpanId } from '../base/brand';
import type { AssembledTrace, AssemblyOptions, ParentLink, RuleEvidence, SpanLink } from './assembled-trace';
import { type Assignment, assignParents } from './assign-parents';
import { explainMissing, type MissingEdge } from './missing-links';
import type { PrunedSpan } from './pruning';
import type { MemorySpanIndex } from './span-index';
import { readSpanLinks } from './span-links/span-links';
import { compareSpans } from './span-order';

/** What the search, not the trees, has to say of a trace. */
export interface SearchReport extends Pick<AssembledTrace, 'rounds' | 'roundsExhausted' | 'pruned'> {
  /** Absent = nothing was pruned. Asked when somebody looks: a crowd of pruned spans has a crowd of keys. */
  readonly explainPruning?: () => readonly PrunedSpan[];
  /** Holds every span at the other end of a span link; absent = the forest's own index does. */
  readonly linked?: MemorySpanIndex;
}

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
  const children = siblingLists(order, assignment);
  return {
    roots: [...order.filter((position) => assignment.parentOf(position) === undefined)],
    rootOf(position) {
      let at = position;
      for (let up = assignment.parentOf(at); up !== undefined; up = assignment.parentOf(at)) at = up;
      return at;
    },
    trace: (root, search) => readTrace({ index, assignment, options }, depthFirst(root, children, assignment), search),
  };
}

/** All positions by `compareSpans`. The starts are laid side by side first: reading them from a million spans is slow. */
function sortedPositions(index: MemorySpanIndex): Int32Array {
  const { size } = index;
  const starts = new Float64Array(size);
  const order = new Int32Array(size);
  let sorted = true;
  for (let i = 0; i < size; i += 1) {
    starts[i] = index.at(i).start;
    order[i] = i;
    sorted &&= i === 0 || starts[i - 1]! < starts[i]!;
  }
  return sorted ? order : order.sort((a, b) => starts[a]! - starts[b]! || compareSpans(index.at(a), index.at(b)));
}

const NONE = -1;

/** Children of every position as linked lists, in order. */
interface SiblingLists {
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
}

function siblingLists(order: Int32Array, assignment: Assignment): SiblingLists {
  const firstChild = new Int32Array(order.length).fill(NONE);
  const nextSibling = new Int32Array(order.length).fill(NONE);
  // Backwards, as each is put before those already there.
  for (let i = order.length - 1; i >= 0; i -= 1) {
    const position = order[i]!;
    const parent = assignment.parentOf(position);
    if (parent === undefined) continue;
    nextSibling[position] = firstChild[parent]!;
    firstChild[parent] = position;
  }
  return { firstChild, nextSibling };
}

/** Parents before children, siblings in order; without recursion, as a trace may be deeper than the stack. */
function depthFirst(root: number, { firstChild, nextSibling }: SiblingLists, assignment: Assignment): number[] {
  const visited = [root];
  let at = root;
  for (;;) {
    let next = firstChild[at]!;
    while (next === NONE && at !== root) {
      next = nextSibling[at]!;
      at = assignment.parentOf(at)!;
    }
    if (next === NONE) return visited;
    visited.push(next);
    at = next;
  }
}

interface Grown {
  readonly index: MemorySpanIndex;
  readonly assignment: Assignment;
  readonly options: AssemblyOptions;
}

/** Links and near misses are read off when they are first asked for: whoever lists traces never does. */
function readTrace(
  { index, assignment, options }: Grown,
  positions: readonly number[],
  search: SearchReport,
): AssembledTrace {
  const spans = positions.map((position) => index.at(position));
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    if (span.start < start) start = span.start;
    if (span.end > end) end = span.end;
  }
  let links: ReadonlyMap<SpanId, ParentLink> | undefined;
  let nearMisses: ReadonlyMap<SpanId, readonly RuleEvidence[]> | undefined;
  let spanLinks: readonly SpanLink[] | undefined;
  let missing: readonly MissingEdge[] | undefined;
  let pruning: readonly PrunedSpan[] | undefined;
  const linked = search.linked ?? index;
  const { size } = linked;
  const root = spans[0]!.id;
  return {
    id: root,
    root,
    start: start as Nanoseconds,
    end: end as Nanoseconds,
    spans,
    get links() {
      links ??= readLinks(positions, assignment);
      return links;
    },
    get nearMisses() {
      nearMisses ??= readNearMisses(index, positions, assignment);
      return nearMisses;
    },
    get spanLinks() {
      spanLinks ??= readSpanLinks(spans, linked, size, options);
      return spanLinks;
    },
    rounds: search.rounds,
    roundsExhausted: search.roundsExhausted,
    pruned: search.pruned,
    get pruning() {
      pruning ??= search.explainPruning?.() ?? [];
      return pruning;
    },
    get missing() {
      missing ??= explainMissing({ root, roundsExhausted: search.roundsExhausted, spans });
      return missing;
    },
  };
}

function readLinks(positions: readonly number[], assignment: Assignment): Map<SpanId, ParentLink> {
  const links = new Map<SpanId, ParentLink>();
  for (const position of positions) {
    const link = assignment.linkOf(position);
    if (link !== undefined) links.set(link.child, link);
  }
  return links;
}

function readNearMisses(
  index: MemorySpanIndex,
  positions: readonly number[],
  assignment: Assignment,
): Map<SpanId, readonly RuleEvidence[]> {
  const nearMisses = new Map<SpanId, readonly RuleEvidence[]>();
  for (const position of positions) {
    const missed = assignment.nearMissesOf(position);
    if (missed.length > 0) nearMisses.set(index.at(position).id, missed);
  }
  return nearMisses;
}
