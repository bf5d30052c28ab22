import type { Span } from '../span/span';
import type { AssemblyOptions, ParentLink, RuleCondition, RuleEvidence } from './assembled-trace';
import { createChainedSiblings } from './chained-siblings';
import { createLinkForest } from './link-forest';
import type { ParentRule, RuleContext } from './parent-rule';
import { PARENT_RULES } from './parent-rules/registry';
import { comparePreferred } from './preference';
import { type MemorySpanIndex, spanRole } from './span-index';

/** Candidates a rule judges for one child: those that start nearest to it. Only ids shared by crowds have more. */
export const MAX_CANDIDATES = 64;
/** Near misses kept for one child and rule: those that start nearest to it. */
export const MAX_NEAR_MISSES = 4;

/** Parents of all spans of an index. Positions are the index's. */
export interface Assignment {
  linkOf(child: number): ParentLink | undefined;
  parentOf(child: number): number | undefined;
  nearMissesOf(child: number): readonly RuleEvidence[];
}

/** A candidate whose every condition holds. */
interface Accepted {
  readonly parent: number;
  readonly evidence: RuleEvidence;
}

const NONE: readonly RuleEvidence[] = [];
const NOBODY: readonly Span[] = [];
const holds = (condition: RuleCondition) => condition.holds;

/**
 * Second half of Algorithm 1. Rule by rule in registry order, each child that is still without a parent is offered the
 * rule's candidates; so for every child the first rule that accepts wins. A rule that goes by accepted siblings is
 * tried wave by wave, as one accepted call makes the next acceptable, and once more when all rules are through.
 * `order` holds every position of the index, sorted by `compareSpans`: the result does not depend on anything else.
 */
export function assignParents(index: MemorySpanIndex, order: ArrayLike<number>, options: AssemblyOptions): Assignment {
  const forest = createLinkForest(index.size);
  const nearMisses = new Map<number, RuleEvidence[]>();
  const rules = PARENT_RULES.filter((rule) => !options.disabledRules.has(rule.id));
  const context: RuleContext = {
    options,
    sharing(span, key, role) {
      const found = index.candidates(span, { key, role, within: 'anywhere' }, MAX_CANDIDATES);
      return found.length === 0 ? NOBODY : found.map((at) => index.at(at));
    },
  };

  /** Judges the candidates of one child; answers whether it has a parent now. */
  function offer(rule: ParentRule, position: number, parents: readonly number[], via?: readonly number[]): boolean {
    const child = index.at(position);
    const accepted: Accepted[] = [];
    const failed: RuleEvidence[] = [];
    for (let i = 0; i < parents.length; i += 1) {
      const parent = parents[i]!;
      if (parent === position) continue;
      const evidence = rule.judge(child, index.at(parent), context, via && index.at(via[i]!));
      if (evidence === undefined) continue;
      if (evidence.conditions.every(holds)) accepted.push({ parent, evidence });
      else failed.push(evidence);
    }
    const won = accepted.length > 0 && choose(rule, position, accepted, failed);
    if (failed.length > 0) keepNearMisses(rule, position, failed);
    return won;
  }

  function choose(rule: ParentRule, position: number, accepted: Accepted[], failed: RuleEvidence[]): boolean {
    const child = index.at(position);
    if (accepted.length > 1) {
      accepted.sort((a, b) => comparePreferred(rule.preference, child, index.at(a.parent), index.at(b.parent)));
    }
    const winner = accepted.find(({ parent }) => !forest.wouldCycle(position, parent));
    for (const candidate of accepted) {
      if (candidate !== winner) failed.push(withCondition(candidate.evidence, rejection(candidate)));
    }
    if (winner === undefined) return false;
    const chosen: RuleCondition = {
      kind: 'preferred',
      holds: true,
      by: rule.preference,
      winner: winner.evidence.parent,
    };
    const evidence = accepted.length > 1 ? withCondition(winner.evidence, chosen) : winner.evidence;
    // A value that several candidates share was no proof, however it was compared.
    const strength = accepted.length > 1 && rule.strength === 'exact' ? 'weak' : rule.strength;
    const { id } = rule;
    forest.hang(position, winner.parent, { child: child.id, parent: evidence.parent, rule: id, strength, evidence });
    return true;

    function rejection({ parent }: Accepted): RuleCondition {
      if (winner === undefined || forest.wouldCycle(position, parent)) return { kind: 'no-cycle', holds: false };
      return { kind: 'preferred', holds: false, by: rule.preference, winner: winner.evidence.parent };
    }
  }

  /** Replaces what an earlier try of the same rule left. */
  function keepNearMisses(rule: ParentRule, position: number, failed: RuleEvidence[]): void {
    const child = index.at(position);
    const distance = (evidence: RuleEvidence) => Math.abs(index.get(evidence.parent)!.start - child.start);
    if (failed.length > 1) failed.sort((a, b) => distance(a) - distance(b) || (a.parent < b.parent ? -1 : 1));
    const others = nearMisses.get(position)?.filter((evidence) => evidence.rule !== rule.id) ?? [];
    nearMisses.set(position, [...others, ...failed.slice(0, MAX_NEAR_MISSES)]);
  }

  /** Answers whether a call found its parent: its siblings may follow it. */
  function offerByKey(rule: ParentRule): boolean {
    const source = rule.candidates;
    let linkedCall = false;
    if (source.kind !== 'shared-key') return linkedCall;
    for (let i = 0; i < order.length; i += 1) {
      const position = order[i]!;
      const child = index.at(position);
      if (forest.linkOf(position) !== undefined || !rule.appliesTo(child)) continue;
      const found = index.candidates(child, source, MAX_CANDIDATES);
      if (found.length > 0 && offer(rule, position, found) && spanRole(child) === 'client') linkedCall = true;
    }
    return linkedCall;
  }

  function offerBySiblings(rule: ParentRule): void {
    const siblings = createChainedSiblings();
    let waiting = 0;
    for (let i = 0; i < order.length; i += 1) {
      const position = order[i]!;
      if (forest.linkOf(position) !== undefined || !rule.appliesTo(index.at(position))) continue;
      siblings.want(index.at(position), position);
      waiting += 1;
    }
    if (waiting === 0) return;
    const rank = rankOf(order);
    let wave = new Set<number>();
    const spread = (position: number, into: Set<number>) => {
      const parent = forest.parentOf(position);
      if (parent === undefined || spanRole(index.at(parent)) !== 'server') return;
      for (const woken of siblings.accepted(index.at(position), position, parent)) into.add(woken);
    };
    for (let i = 0; i < order.length; i += 1) if (rule.appliesTo(index.at(order[i]!))) spread(order[i]!, wave);
    while (wave.size > 0) {
      const next = new Set<number>();
      for (const position of [...wave].sort((a, b) => rank[a]! - rank[b]!)) {
        if (forest.linkOf(position) !== undefined) continue;
        const { parents, via } = siblings.candidates(index.at(position));
        if (offer(rule, position, parents, via)) spread(position, next);
      }
      wave = next;
    }
  }

  /** Tells a root that another process holds its id, though a rule within one process must refuse it. */
  function explainRoot(rule: ParentRule, position: number): void {
    const source = rule.candidates;
    if (source.kind !== 'shared-key' || source.within !== 'process') return;
    const child = index.at(position);
    if (!rule.appliesTo(child) || nearMisses.get(position)?.some((evidence) => evidence.rule === rule.id)) return;
    const found = index.candidates(child, { ...source, within: 'anywhere' }, MAX_NEAR_MISSES);
    if (found.length > 0) offer(rule, position, found);
  }

  let siblingsLeft = false;
  for (const rule of rules) {
    if (rule.candidates.kind === 'chained-sibling') {
      offerBySiblings(rule);
      siblingsLeft = false;
    } else if (offerByKey(rule)) siblingsLeft = true;
  }
  if (siblingsLeft) for (const rule of rules) if (rule.candidates.kind === 'chained-sibling') offerBySiblings(rule);
  for (let i = 0; i < order.length; i += 1) {
    if (forest.linkOf(order[i]!) === undefined) for (const rule of rules) explainRoot(rule, order[i]!);
  }
  const precedence = new Map(PARENT_RULES.map((rule, i) => [rule.id, i]));
  return {
    linkOf: forest.linkOf,
    parentOf: forest.parentOf,
    nearMissesOf: (child) =>
      nearMisses.get(child)?.toSorted((a, b) => precedence.get(a.rule)! - precedence.get(b.rule)!) ?? NONE,
  };
}

function withCondition(evidence: RuleEvidence, condition: RuleCondition): RuleEvidence {
  return { ...evidence, conditions: [...evidence.conditions, condition] };
}

/** The place of each position in the order. */
function rankOf(order: ArrayLike<number>): Int32Array {
  const rank = new Int32Array(order.length);
  for (let i = 0; i < order.length; i += 1) rank[order[i]!] = i;
  return rank;
}
