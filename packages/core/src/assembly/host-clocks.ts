import type { DurationNs, HostId } from '../base/brand';
import type { Span } from '../span/span';
import type { AssembledTrace, RuleId } from './assembled-trace';

/**
 * What a request that two hosts saw says of their clocks: the child was at work within its parent, so the child's clock
 * must be shifted by at least `earliest` and at most `latest`. An edge that was not seen bounds nothing (±Infinity).
 */
export interface ClockPair {
  readonly child: HostId;
  readonly parent: HostId;
  readonly earliest: number;
  readonly latest: number;
}

/** How the clock of a host is corrected. Raw times are never overwritten: whoever draws or compares adds the shift. */
export interface HostClock {
  readonly host: HostId;
  /** The host that it was compared with; that one's own shift, if it has any, is part of this one's. */
  readonly against: HostId;
  /** To be added to the host's times; positive = its clock is slow. */
  readonly shift: DurationNs;
  /** Shifts that all pairs but the ignored ones allow; absent = no bound. */
  readonly earliest?: DurationNs;
  readonly latest?: DurationNs;
  /** Pairs that the shift satisfies, and those that contradict it. */
  readonly pairs: number;
  readonly ignored: number;
}

/** By host. Hosts whose clocks the others are corrected by, and those that share no request with another, are not in it. */
export type HostClocks = ReadonlyMap<HostId, HostClock>;

/** Rules whose links are two sights of one message's way: there the parent surely covers the child in time. */
const ON_ONE_PATH: ReadonlySet<RuleId> = new Set(['R09', 'R10', 'R11']);

/** What one link says, if its ends lie on two hosts. */
export function clockPair(child: Span, parent: Span): ClockPair | undefined {
  if (child.hostId === parent.hostId) return undefined;
  return {
    child: child.hostId,
    parent: parent.hostId,
    earliest: parent.messageType === 'response' ? Number.NEGATIVE_INFINITY : parent.start - child.start,
    latest: parent.messageType === 'request' ? Number.POSITIVE_INFINITY : parent.end - child.end,
  };
}

/** The clocks of the hosts that traces go through, from their links along the network. */
export function hostClocksOf(traces: Iterable<AssembledTrace>): HostClocks {
  return estimateHostClocks(linkedPairs(traces));
}

function* linkedPairs(traces: Iterable<AssembledTrace>): Generator<ClockPair> {
  for (const { spans, links } of traces) {
    // Most traces stay on one host: their links need not be read.
    if (spans.every(({ hostId }) => hostId === spans[0]?.hostId)) continue;
    const byId = new Map(spans.map((span) => [span.id, span]));
    for (const { child, parent, rule } of links.values()) {
      const pair = ON_ONE_PATH.has(rule) ? clockPair(byId.get(child)!, byId.get(parent)!) : undefined;
      if (pair !== undefined) yield pair;
    }
  }
}

/**
 * Shifts for all hosts. Each two hosts that share requests get the shift that most of their pairs allow, the smallest of
 * these, none where none is needed. Hosts then follow one another from the one that calls most, along the best-known
 * pairs, and shifts add up. The order of the pairs does not matter.
 */
export function estimateHostClocks(pairs: Iterable<ClockPair>): HostClocks {
  const edges = [...byHosts(pairs)].map(edgeOf).filter((edge) => edge !== undefined);
  const clocks = new Map<HostId, HostClock>();
  for (const root of rootsFirst(edges)) if (!clocks.has(root)) follow(root, edges, clocks);
  return new Map([...clocks].filter(([host, clock]) => clock.against !== host));
}

/** The correction of a difference between two hosts' times (child − parent). */
export function clockCorrection(clocks: HostClocks, child: HostId, parent: HostId): DurationNs {
  if (child === parent) return 0 as DurationNs;
  return ((clocks.get(child)?.shift ?? 0) - (clocks.get(parent)?.shift ?? 0)) as DurationNs;
}

/** All pairs of two hosts, told as shifts of the second (in order of ids) against the first. */
interface HostPair {
  readonly first: HostId;
  readonly second: HostId;
  readonly earliest: number[];
  readonly latest: number[];
  /** Pairs in which the first called the second, less those the other way round. */
  calls: number;
}

function byHosts(pairs: Iterable<ClockPair>): Iterable<HostPair> {
  const groups = new Map<HostId, Map<HostId, HostPair>>();
  for (const { child, parent, earliest, latest } of pairs) {
    const forward = parent < child;
    const [first, second] = forward ? [parent, child] : [child, parent];
    let others = groups.get(first);
    if (others === undefined) {
      others = new Map();
      groups.set(first, others);
    }
    let group = others.get(second);
    if (group === undefined) {
      group = { first, second, earliest: [], latest: [], calls: 0 };
      others.set(second, group);
    }
    group.earliest.push(forward ? earliest : -latest);
    group.latest.push(forward ? latest : -earliest);
    group.calls += forward ? 1 : -1;
  }
  return [...groups.values()].flatMap((others) => [...others.values()]);
}

/** What two hosts' pairs agree on. */
interface Edge extends Agreement {
  readonly first: HostId;
  readonly second: HostId;
  readonly calls: number;
}

interface Agreement {
  readonly earliest: number;
  readonly latest: number;
  readonly pairs: number;
  readonly ignored: number;
}

function edgeOf({ first, second, earliest, latest, calls }: HostPair): Edge | undefined {
  const agreed = mostAgreed(earliest, latest);
  return agreed && { first, second, calls, ...agreed };
}

/**
 * The interval that lies in the most intervals: their ends are walked in order, counting how many are open. Of several
 * that are as good the one nearest to 0 counts. `undefined` when every interval is empty.
 */
function mostAgreed(allEarliest: readonly number[], allLatest: readonly number[]): Agreement | undefined {
  const isSound = (_: number, i: number) => allEarliest[i]! <= allLatest[i]!;
  // Typed arrays sort numbers as numbers, and much faster.
  const begins = Float64Array.from(allEarliest.filter(isSound)).sort();
  const ends = Float64Array.from(allLatest.filter(isSound)).sort();
  let best: Agreement | undefined;
  for (let begun = 1, ended = 0; begun <= begins.length; begun += 1) {
    const earliest = begins[begun - 1]!;
    while (ends[ended]! < earliest) ended += 1;
    const pairs = begun - ended;
    const latest = ends[ended]!;
    const better = best === undefined || pairs > best.pairs;
    if (
      better ||
      (pairs === best!.pairs && nearestToZero(earliest, latest) < nearestToZero(best!.earliest, best!.latest))
    ) {
      best = { earliest, latest, pairs, ignored: allEarliest.length - pairs };
    }
  }
  return best;
}

const nearestToZero = (earliest: number, latest: number) => Math.abs(smallestShift(earliest, latest));

function smallestShift(earliest: number, latest: number): number {
  if (earliest > 0) return earliest;
  return latest < 0 ? latest : 0;
}

/** Those that call more than they are called first: the others are corrected by them. */
function rootsFirst(edges: readonly Edge[]): HostId[] {
  const calls = new Map<HostId, number>();
  for (const { first, second, calls: forward } of edges) {
    calls.set(first, (calls.get(first) ?? 0) + forward);
    calls.set(second, (calls.get(second) ?? 0) - forward);
  }
  return [...calls].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([host]) => host);
}

/** Reaches every host that is connected with the root, over the edge with the most pairs each time. */
function follow(root: HostId, edges: readonly Edge[], clocks: Map<HostId, HostClock>): void {
  clocks.set(root, { host: root, against: root, shift: 0 as DurationNs, pairs: 0, ignored: 0 });
  const strongest = edges.toSorted(
    (a, b) => b.pairs - a.pairs || (`${a.first} ${a.second}` < `${b.first} ${b.second}` ? -1 : 1),
  );
  for (;;) {
    const edge = strongest.find(({ first, second }) => clocks.has(first) !== clocks.has(second));
    if (edge === undefined) return;
    const forward = clocks.has(edge.first);
    const [against, host] = forward ? [edge.first, edge.second] : [edge.second, edge.first];
    const [earliest, latest] = forward ? [edge.earliest, edge.latest] : [-edge.latest, -edge.earliest];
    const base = clocks.get(against)!.shift;
    clocks.set(host, {
      host,
      against,
      shift: (base + smallestShift(earliest, latest)) as DurationNs,
      ...(Number.isFinite(earliest) && { earliest: (base + earliest) as DurationNs }),
      ...(Number.isFinite(latest) && { latest: (base + latest) as DurationNs }),
      pairs: edge.pairs,
      ignored: edge.ignored,
    });
  }
}
