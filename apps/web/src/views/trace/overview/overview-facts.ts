import type { KeyKind, RuleId } from '@causeway/core';
import { formatPlural } from '../../format/quantity';
import type { SpanNode, TraceModel } from '../trace-model';

const SHOWN_STEPS = 5;

/** Association keys as people say them. */
export const KEY_NAMES: Readonly<Record<KeyKind, string>> = {
  systrace: 'systrace id',
  'pseudo-thread': 'coroutine',
  'x-request-id': 'X-Request-ID',
  'tcp-seq': 'TCP sequence',
  'trace-id': 'trace id',
  datagram: 'UDP request',
  'queue-message': 'message of a queue',
};

/** How many edges each rule drew, most first, and the first of them. */
export function ruleCounts(model: TraceModel): { rule: RuleId; count: number; first: SpanNode }[] {
  const counts = new Map<RuleId, { rule: RuleId; count: number; first: SpanNode }>();
  for (const node of model.nodes) {
    if (node.link === undefined) continue;
    const entry = counts.get(node.link.rule);
    if (entry) entry.count += 1;
    else counts.set(node.link.rule, { rule: node.link.rule, count: 1, first: node });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.rule.localeCompare(b.rule));
}

/** Each round of the search in a sentence. */
export function roundSummaries(model: TraceModel): string[] {
  return model.view.rounds.map(({ round, keysAsked, added }) => {
    const kinds = [...new Set(added.map((one) => KEY_NAMES[one.kind]))];
    const asked = `Round ${round}: ${formatPlural(keysAsked, 'key')} asked`;
    if (added.length === 0) return `${asked}, nothing new.`;
    const spans = formatPlural(new Set(added.map((one) => one.span)).size, 'span');
    return `${asked}, ${spans} added by ${kinds.join(', ')}.`;
  });
}

/** Spans by the time that no child of theirs accounts for, longest first. */
export function slowestSteps(model: TraceModel): { node: SpanNode; selfNs: number }[] {
  return model.nodes
    .map((node) => ({ node, selfNs: node.span.end - node.span.start - coveredByChildren(node) }))
    .filter((step) => step.selfNs > 0)
    .sort((a, b) => b.selfNs - a.selfNs)
    .slice(0, SHOWN_STEPS);
}

/** Length of the union of the children's times within the span. Children come sorted by start. */
function coveredByChildren({ span, children }: SpanNode): number {
  let covered = 0;
  let upTo: number = span.start;
  for (const { span: child } of children) {
    const from = Math.max(child.start, upTo);
    const to = Math.min(child.end, span.end);
    if (to <= from) continue;
    covered += to - from;
    upTo = to;
  }
  return covered;
}
