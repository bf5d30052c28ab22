import type { DurationNs } from '../../base/brand';
import type { QueueMessageName } from '../../message/message';
import type { Span } from '../../span/span';
import type { AssemblyOptions, MatchedValue, RuleCondition, SpanLink } from '../assembled-trace';
import type { RuleDescription } from '../parent-rule';
import { clockTolerance, sharedTraceIds } from '../parent-rules/conditions';

/**
 *   producer  ──[ publish orders/0 → offset 42 ]──
 *                            ⇣ the queue keeps it, for however long
 *   consumer  ─────────────────────[ fetch orders/0 … offset 42 ]──
 *
 * What a program takes out of a queue was put in by another, which does not wait for it: the two are linked, not parent
 * and child. A message is known again by its place in the log or by an id that the producer gave it; where the protocol
 * has neither, by where it went and what it holds, which only makes it likely.
 */
export const messageQueueLink: RuleDescription = {
  id: 'X05',
  name: 'message-queue-link',
  sentence: 'The consumer took out of the queue what the producer had put in.',
  strength: 'exact',
};

/**
 * How often a link by content alone is right when nothing else recorded has the same content: the same bytes may also
 * have been published where nobody looked. Assumed, not measured.
 */
const CONTENT_PROBABILITY = 0.95;

/** A delivery, and those who published something under one of its names; the first is taken to be the producer. */
export interface NamedDelivery {
  readonly name: QueueMessageName;
  readonly to: Span;
  readonly publishers: readonly Span[];
}

const keyText = ({ basis, value }: QueueMessageName) => `${basis}:${value}`;

/** A name by which the queue, or the producer, told the message from all others. */
const isProper = ({ basis }: QueueMessageName) => basis !== 'content';

/** Those of the candidates who may have published what was delivered under the name; the latest before it first. */
export function publishersOf(
  name: QueueMessageName,
  to: Span,
  candidates: readonly Span[],
  options: AssemblyOptions,
): NamedDelivery {
  const publishers = candidates
    .filter((from) => from.id !== to.id && conditionsOf(from, to, options).every(({ holds }) => holds))
    .filter((from) => isProper(name) || !isContradicted(from, to))
    .sort((a, b) => b.start - a.start || (a.id < b.id ? -1 : 1));
  return { name, to, publishers };
}

/** Both have names of their own, and none in common: equal content was published twice. */
function isContradicted(from: Span, to: Span): boolean {
  const [ours, theirs] = [from, to].map((span) => span.queueMessages?.names.filter(isProper) ?? []);
  if (ours!.length === 0 || theirs!.length === 0) return false;
  const known = new Set(ours!.map(keyText));
  return !theirs!.some((name) => known.has(keyText(name)));
}

function conditionsOf(from: Span, to: Span, options: AssemblyOptions): RuleCondition[] {
  const tolerance = clockTolerance(to, from, options);
  const difference = (to.end - from.start) as DurationNs;
  const conditions: RuleCondition[] = [
    { kind: 'published-first', holds: difference >= -tolerance, difference, tolerance },
  ];
  if (from.traceIds.length > 0 && to.traceIds.length > 0 && sharedTraceIds(to, from).length === 0) {
    const [child, parent] = [to.traceIds.join(','), from.traceIds.join(',')];
    conditions.push({ kind: 'field-equal', holds: false, field: 'traceIds', child, parent });
  }
  return conditions;
}

/** The link of a producer and a consumer by all names that they share. `deliveries`: at least one, of one such pair. */
export function linkOf(from: Span, deliveries: readonly NamedDelivery[], options: AssemblyOptions): SpanLink {
  const best = [...deliveries].sort(
    (a, b) => Number(isProper(b.name)) - Number(isProper(a.name)) || a.publishers.length - b.publishers.length,
  )[0]!;
  const { to, publishers } = best;
  const matched: MatchedValue[] = deliveries.map(({ name }) => ({
    child: 'queueMessages',
    parent: 'queueMessages',
    value: keyText(name),
  }));
  const conditions = conditionsOf(from, to, options);
  if (publishers.length > 1) conditions.push({ kind: 'preferred', holds: true, by: 'latest-start', winner: from.id });
  const evidence = {
    rule: messageQueueLink.id,
    child: to.id,
    parent: from.id,
    matched: [...matched, ...sharedTraceIds(to, from)],
    conditions,
  };
  const ends = { from: from.id, to: to.id, rule: messageQueueLink.id, evidence };
  if (isProper(best.name)) return { ...ends, strength: publishers.length === 1 ? 'exact' : 'weak' };
  return { ...ends, strength: 'inferred', probability: CONTENT_PROBABILITY / publishers.length };
}
