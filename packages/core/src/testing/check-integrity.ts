import type { AssembledTrace, LinkStrength, ParentLink } from '../assembly/assembled-trace';
import type { RuleDescription } from '../assembly/parent-rule';
import { PARENT_RULE_TABLE } from '../assembly/parent-rules/registry';
import { compareSpans } from '../assembly/span-order';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';

/**
 * What every assembled trace must satisfy, whatever it was assembled from. Answers one sentence for each violation;
 * none = sound. To be checked before a trace is compared with a golden result.
 */
export function checkIntegrity(trace: AssembledTrace): string[] {
  const byId = new Map<SpanId, Span>(trace.spans.map((span) => [span.id, span]));
  return [...checkRoot(trace, byId), ...checkLinks(trace, byId), ...checkOrder(trace), ...checkNearMisses(trace, byId)];
}

function checkRoot(trace: AssembledTrace, byId: ReadonlyMap<SpanId, Span>): string[] {
  const problems: string[] = [];
  if (byId.size !== trace.spans.length) problems.push('a span is listed twice');
  if (trace.id !== trace.root) problems.push('the id is not the root');
  if (trace.spans[0]?.id !== trace.root) problems.push('the root is not first');
  if (trace.links.has(trace.root)) problems.push('the root has a parent');
  if (trace.start !== Math.min(...trace.spans.map((span) => span.start))) problems.push('start is not the earliest');
  if (trace.end !== Math.max(...trace.spans.map((span) => span.end))) problems.push('end is not the latest');
  for (const id of trace.pruned) if (byId.has(id)) problems.push(`${id} is pruned and in the tree`);
  return problems;
}

function checkLinks(trace: AssembledTrace, byId: ReadonlyMap<SpanId, Span>): string[] {
  const problems: string[] = [];
  for (const child of trace.links.keys()) if (!byId.has(child)) problems.push(`${child} has a link and no span`);
  for (const { id } of trace.spans) {
    if (id === trace.root) continue;
    const link = trace.links.get(id);
    if (link === undefined) {
      problems.push(`${id} has no link`);
      continue;
    }
    const { child, parent, rule, strength, evidence } = link;
    const built = PARENT_RULE_TABLE[rule];
    if (child !== id || evidence.child !== id) problems.push(`${id} has the link of ${child}`);
    if (!byId.has(parent)) problems.push(`${id} hangs under ${parent}, which is not in the trace`);
    if (evidence.parent !== parent || evidence.rule !== rule) problems.push(`${id} has evidence for another link`);
    if (evidence.matched.length === 0) problems.push(`${id} was linked without a matched value`);
    if (evidence.conditions.some(({ holds }) => !holds)) problems.push(`${id} was linked against a failed condition`);
    if (built === 'not-built' || expectedStrength(built, link) !== strength)
      problems.push(`${id} has a strength that ${rule} has not`);
    if (evidence.via !== undefined && !hangsBelow(evidence.via, parent, trace, byId)) {
      problems.push(`${id} was linked through ${evidence.via}, which is no sibling`);
    }
    if (evidence.through !== undefined && !hangsBelow(evidence.through, id, trace, byId)) {
      problems.push(`${id} was linked through ${evidence.through}, which is no call below it`);
    }
  }
  return problems;
}

/** Directly, or with none but application spans in between. */
function hangsBelow(id: SpanId, above: SpanId, trace: AssembledTrace, byId: ReadonlyMap<SpanId, Span>): boolean {
  let at = trace.links.get(id)?.parent;
  while (at !== undefined && at !== above && byId.get(at)?.type === 'app') at = trace.links.get(at)?.parent;
  return at === above;
}

/** Depth first, siblings by start; this also proves that there is no cycle, as each parent comes before its children. */
function checkOrder(trace: AssembledTrace): string[] {
  const problems: string[] = [];
  const path: SpanId[] = [];
  const lastChild = new Map<SpanId, Span>();
  for (const span of trace.spans) {
    const parent = trace.links.get(span.id)?.parent;
    if (parent !== undefined) {
      while (path.length > 0 && path.at(-1) !== parent) path.pop();
      if (path.length === 0) problems.push(`${span.id} does not follow its parent ${parent} depth first`);
      const before = lastChild.get(parent);
      if (before !== undefined && compareSpans(before, span) > 0) problems.push(`${span.id} follows a later sibling`);
      lastChild.set(parent, span);
    }
    path.push(span.id);
  }
  return problems;
}

function checkNearMisses(trace: AssembledTrace, byId: ReadonlyMap<SpanId, Span>): string[] {
  const problems: string[] = [];
  for (const [child, missed] of trace.nearMisses) {
    if (!byId.has(child)) problems.push(`${child} has near misses and no span`);
    for (const { rule, conditions, matched, child: of } of missed) {
      if (of !== child) problems.push(`${child} has a near miss of ${of}`);
      if (matched.length === 0) problems.push(`${child} has a near miss by ${rule} without a matched value`);
      if (conditions.every(({ holds }) => holds))
        problems.push(`${child} has a near miss by ${rule} that did not miss`);
    }
  }
  return problems;
}

/** An exact rule's link is weak when a preference had to decide between several parents. */
function expectedStrength(rule: RuleDescription, { evidence }: ParentLink): LinkStrength {
  const shared = evidence.conditions.some(({ kind }) => kind === 'preferred' || kind === 'by-sibling');
  return shared && rule.strength === 'exact' ? 'weak' : rule.strength;
}
