import type { DurationNs } from '../../base/brand';
import { isHostUnknown } from '../../span/app-span/app-span';
import type { Span, SysSpan } from '../../span/span';
import type { AssemblyOptions, EvidenceField, Instance, MatchedValue, RuleCondition } from '../assembled-trace';
import { clockCorrection } from '../host-clocks';
import type { MatchedField } from '../parent-rule';

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
  const tolerance = (options.networkDelay + clockTolerance(child, parent, options)) as DurationNs;
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

/** By how much the clocks of two spans may disagree. */
export function clockTolerance(child: Span, parent: Span, options: AssemblyOptions): DurationNs {
  return child.hostId === parent.hostId ? (0 as DurationNs) : options.clockOffset;
}

/** The parent starts first; on two hosts' clocks it may seem to start later by their offset. */
export function startsFirst(child: Span, parent: Span, options: AssemblyOptions): RuleCondition {
  const tolerance = clockTolerance(child, parent, options);
  const difference = (child.start - parent.start) as DurationNs;
  const corrected = (difference + clockCorrectionOf(child, parent, options)) as DurationNs;
  const holds = corrected >= -tolerance;
  return corrected === difference
    ? { kind: 'starts-first', holds, difference, tolerance }
    : { kind: 'starts-first', holds, difference, corrected, tolerance };
}

/** The parent lasts as long as the child at least. A half-seen parent's true duration is not known. */
export function outlasts(child: Span, parent: Span): RuleCondition {
  const durations = {
    child: (child.end - child.start) as DurationNs,
    parent: (parent.end - parent.start) as DurationNs,
  };
  if (parent.messageType !== 'session') return { kind: 'outlasts', holds: true, ...durations, open: true };
  return { kind: 'outlasts', holds: durations.parent >= durations.child, ...durations };
}

/** The parent was at work before, and for longer than, the child: by the clock of one host, else by their durations. */
export function encloses(child: Span, parent: Span, options: AssemblyOptions): RuleCondition[] {
  if (child.hostId === parent.hostId) return [covers(child, parent)];
  return [startsFirst(child, parent, options), outlasts(child, parent)];
}

/** Host, process and, between two application spans, service are the same as far as both are known. */
export function sameInstance(child: Span, parent: Span): RuleCondition {
  return {
    kind: 'same-instance',
    holds: isSameInstance(child, parent),
    child: instanceOf(child),
    parent: instanceOf(parent),
    ...(child.type !== parent.type && (isHostUnknown(child) || isHostUnknown(parent)) && { unknown: true }),
  };
}

export function isSameInstance(a: Span, b: Span): boolean {
  if (a.type === 'net' || b.type === 'net') return false;
  // By what an application says of itself: where it ran on no host that was recorded by name, nothing can be compared.
  if (a.type !== b.type && (isHostUnknown(a) || isHostUnknown(b))) return true;
  if (a.hostId !== b.hostId) return false;
  if (a.pid !== undefined && b.pid !== undefined && a.pid !== b.pid) return false;
  return a.type !== 'app' || b.type !== 'app' || a.serviceName === b.serviceName;
}

function instanceOf(span: Span): Instance {
  if (span.type === 'net') return { host: span.hostId };
  const pid = span.pid === undefined ? {} : { pid: span.pid };
  return span.type === 'app' ? { host: span.hostId, ...pid, service: span.serviceName } : { host: span.hostId, ...pid };
}

/** The trace ids that both carry, each once. */
export function sharedTraceIds(child: Span, parent: Span): MatchedValue[] {
  return child.traceIds
    .filter((id, i, ids) => id !== '' && ids.indexOf(id) === i && parent.traceIds.includes(id))
    .map((value) => ({ child: 'traceIds', parent: 'traceIds', value }));
}

/**
 * A span id, with the trace ids within which it means something: nothing is matched when these have none in common, as
 * programs count their span ids as they like.
 */
export function matchSpanId(
  child: Span,
  childField: 'spanId' | 'parentSpanId',
  parent: Span,
  parentField: 'spanId' | 'parentSpanId',
): MatchedField[] {
  const id = matchOf(childField, child[childField], parentField, parent[parentField]);
  if (id === undefined) return [];
  const traces = sharedTraceIds(child, parent);
  return traces.length === 0 ? [] : [id, ...traces];
}

/** What two fields have in common; nothing when they differ or either is not known. */
export function matchOf(
  child: EvidenceField,
  childValue: string | number | undefined,
  parent: EvidenceField,
  parentValue: string | number | undefined,
): MatchedField | undefined {
  if (childValue === undefined || childValue === '' || childValue !== parentValue) return undefined;
  return { child, parent, value: childValue };
}

/** Those that there are. Written out, as a list that grows by `push` keeps room for sixteen more: evidence is kept by the million. */
export function listOf<T>(first: T | undefined, second: T | undefined): T[] {
  if (first === undefined) return second === undefined ? [] : [second];
  return second === undefined ? [first] : [first, second];
}
