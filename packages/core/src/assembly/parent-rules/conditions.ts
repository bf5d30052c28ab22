import type { DurationNs } from '../../base/brand';
import type { Span, SysSpan } from '../../span/span';
import type { AssemblyOptions, EvidenceField, MatchedValue, RuleCondition } from '../assembled-trace';
import { clockCorrection } from '../host-clocks';

/** Conditions that several rules share, and how each is measured. */

export function sameProcess(child: SysSpan, parent: SysSpan): RuleCondition {
  return {
    kind: 'same-process',
    holds: child.hostId === parent.hostId && child.pid === parent.pid,
    childPid: child.pid,
    parentPid: parent.pid,
  };
}

/**
 * The parent starts no later and ends no earlier, by one host's clock. Where a half of the parent was never seen, or
 * never sent, that edge says only when it was last known to be at work; its true extent is at least that, so the edge
 * counts as open. A half-seen child is compared by what was seen of it.
 */
export function covers(child: Span, parent: Span): RuleCondition {
  const startMargin = (child.start - parent.start) as DurationNs;
  const endMargin = (parent.end - child.end) as DurationNs;
  const open = openEdge(parent);
  const holds = (startMargin >= 0 || open === 'start') && (endMargin >= 0 || open === 'end');
  return open === undefined
    ? { kind: 'covers', holds, startMargin, endMargin }
    : { kind: 'covers', holds, startMargin, endMargin, open };
}

/** A request alone has no end (its handling went on unseen, or nothing answers it); a response alone has no start. */
function openEdge(span: Span): 'start' | 'end' | undefined {
  if (span.messageType === 'request') return 'end';
  if (span.messageType === 'response') return 'start';
  return undefined;
}

/**
 * Start or end of both within the network delay, plus the clock offset when two hosts' clocks are compared: by their
 * corrected times, where there is a correction.
 */
export function withinTolerance(
  edge: 'start' | 'end',
  child: Span,
  parent: Span,
  options: AssemblyOptions,
): RuleCondition {
  const tolerance = (options.networkDelay + (child.hostId === parent.hostId ? 0 : options.clockOffset)) as DurationNs;
  const difference = (child[edge] - parent[edge]) as DurationNs;
  const corrected = (difference + clockCorrectionOf(child, parent, options)) as DurationNs;
  const holds = Math.abs(corrected) <= tolerance;
  return corrected === difference
    ? { kind: 'within-tolerance', holds, edge, difference, tolerance }
    : { kind: 'within-tolerance', holds, edge, difference, corrected, tolerance };
}

/** What to add to a difference of two spans' times (child − parent) that were told by two clocks. */
export function clockCorrectionOf(child: Span, parent: Span, { hostClocks }: AssemblyOptions): DurationNs {
  return hostClocks === undefined ? (0 as DurationNs) : clockCorrection(hostClocks, child.hostId, parent.hostId);
}

/** What two fields have in common; nothing when they differ or either is not known. */
export function matchOf(
  child: EvidenceField,
  childValue: string | number | undefined,
  parent: EvidenceField,
  parentValue: string | number | undefined,
): MatchedValue | undefined {
  if (childValue === undefined || childValue === '' || childValue !== parentValue) return undefined;
  return { child, parent, value: String(childValue) };
}

/** Those that there are. Written out, as a list that grows by `push` keeps room for sixteen more: evidence is kept by the million. */
export function listOf<T>(first: T | undefined, second: T | undefined): T[] {
  if (first === undefined) return second === undefined ? [] : [second];
  return second === undefined ? [first] : [first, second];
}
