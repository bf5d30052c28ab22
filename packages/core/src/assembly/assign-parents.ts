import type { Span } from '../span/span';
import { callsBelowApps, serverAbove } from './app-trees';
import type { AssemblyOptions, ParentLink, RuleCondition, RuleEvidence } from './assembled-trace';
import { ChainedSiblings } from './chained-siblings';
import { exactHostClocks } from './exact-pairs';
import { LinkForest } from './link-forest';
import type { ParentRule, RuleContext } from './parent-rule';
import { PARENT_RULES } from './parent-rules/registry';
import { comparePreferred } from './preference';
import { type KeyLookup, type MemorySpanIndex, spanRole } from './span-index';

/** Candidates a rule judges for one child: those that start nearest to it. Only ids shared by crowds have more. */
export const MAX_CANDIDATES = 64;
/** Near misses kept for one child and rule: those that start nearest to it. */
export const MAX_NEAR_MISSES = 4;

/**
 * What a rule said of a candidate, without its evidence: that is a dozen objects, and most of it is never looked at. A
 * rule is pure, so it is asked once more when somebody does look.
 */
interface Verdict {
  readonly rule: ParentRule;
  readonly parent: number;
  /** The sibling through which a `chained-sibling` rule came to the candidate. */
  readonly via: number | undefined;
  /** Condition that the assembler, not the rule, adds: why the link is weak although its rule is exact, or was not made. */
  readonly decision: RuleCondition | undefined;
}

const NONE: readonly RuleEvidence[] = [];
const NOBODY: readonly Span[] = [];
const holds = (condition: RuleCondition) => condition.holds;

/**
 * Second half of Algorithm 1. Rule by rule in registry order, each child that is still without a parent is offered the
 * rule's candidates; so for every child the first rule that accepts wins. A rule that goes by accepted siblings is
 * tried wave by wave, as one accepted call makes the next acceptable, and once more when all rules are through.
 * `order` holds every position of the index, sorted by `compareSpans`: the result does not depend on anything else, nor
 * on spans that the index gets later.
 */
export function assignParents(index: MemorySpanIndex, order: readonly number[], options: AssemblyOptions): Assignment {
  const assignment = new Assignment(index, order, options);
  assignment.run();
  return assignment;
}

/** Parents of all spans of an index. Positions are the index's. Links and near misses are made anew on every call. */
export class Assignment {
  private readonly forest: LinkForest;
  private readonly links: (Verdict | undefined)[];
  private readonly nearMisses = new Map<number, Verdict[]>();
  private readonly rules: readonly ParentRule[];
  private readonly context: RuleContext;

  constructor(
    private readonly index: MemorySpanIndex,
    private readonly order: readonly number[],
    options: AssemblyOptions,
  ) {
    const { size } = index;
    this.forest = new LinkForest(size);
    this.links = new Array<Verdict | undefined>(size).fill(undefined);
    this.rules = PARENT_RULES.filter((rule) => !options.disabledRules.has(rule.id));
    this.context = {
      options: withHostClocks(options, index),
      sharing(span, key, role, spanId = 'own') {
        const found = index.candidates(span, { key, role, within: 'anywhere', spanId }, MAX_CANDIDATES);
        return found.length === 0 ? NOBODY : found.filter((at) => at < size).map((at) => index.at(at));
      },
    };
  }

  parentOf(child: number): number | undefined {
    return this.forest.parentOf(child);
  }

  linkOf(child: number): ParentLink | undefined {
    const verdict = this.links[child];
    if (verdict === undefined) return undefined;
    const { rule, decision } = verdict;
    // A value that several candidates share, or that is as good as another link only, was no proof, however it was compared.
    const strength = decision !== undefined && rule.strength === 'exact' ? 'weak' : rule.strength;
    const evidence = this.evidenceOf(child, verdict);
    const link = { child: evidence.child, parent: evidence.parent, rule: rule.id, strength, evidence };
    const probability = rule.probability?.(this.index.at(child), this.index.at(verdict.parent));
    return probability === undefined ? link : { ...link, probability };
  }

  nearMissesOf(child: number): readonly RuleEvidence[] {
    const missed = this.nearMisses.get(child);
    if (missed === undefined) return NONE;
    return missed
      .toSorted((a, b) => PARENT_RULES.indexOf(a.rule) - PARENT_RULES.indexOf(b.rule))
      .map((verdict) => this.evidenceOf(child, verdict));
  }

  run(): void {
    let siblingsLeft = false;
    for (const rule of this.rules) {
      if (rule.candidates.kind === 'chained-sibling') {
        this.offerBySiblings(rule);
        siblingsLeft = false;
      } else if (rule.candidates.kind === 'call-below') {
        this.offerByCalls(rule, rule.candidates.lookups);
      } else if (this.offerByKey(rule, rule.candidates)) siblingsLeft = true;
    }
    if (siblingsLeft) {
      for (const rule of this.rules) if (rule.candidates.kind === 'chained-sibling') this.offerBySiblings(rule);
    }
    for (const position of this.order) {
      if (this.forest.parentOf(position) === undefined) this.explainRoot(position);
    }
  }

  private judge(rule: ParentRule, child: number, parent: number, via: number | undefined): RuleEvidence | undefined {
    const { index } = this;
    return rule.judge(index.at(child), index.at(parent), this.context, via === undefined ? undefined : index.at(via));
  }

  private evidenceOf(child: number, { rule, parent, via, decision }: Verdict): RuleEvidence {
    const evidence = this.judge(rule, child, parent, via)!;
    return decision === undefined ? evidence : { ...evidence, conditions: [...evidence.conditions, decision] };
  }

  /** Judges the candidates of one child; answers whether it has a parent now. */
  private offer(rule: ParentRule, position: number, parents: readonly number[], via?: readonly number[]): boolean {
    const accepted: Verdict[] = [];
    const failed: Verdict[] = [];
    for (let i = 0; i < parents.length; i += 1) {
      const parent = parents[i]!;
      if (parent === position) continue;
      const sibling = via?.[i];
      const evidence = this.judge(rule, position, parent, sibling);
      if (evidence === undefined) continue;
      const verdict: Verdict = { rule, parent, via: sibling, decision: undefined };
      if (evidence.conditions.every(holds)) accepted.push(verdict);
      else failed.push(verdict);
    }
    const won = accepted.length > 0 && this.choose(rule, position, accepted, failed);
    if (failed.length > 0) this.keepNearMisses(rule, position, failed);
    return won;
  }

  private choose(rule: ParentRule, position: number, accepted: Verdict[], failed: Verdict[]): boolean {
    const { forest, index } = this;
    if (accepted.length > 1) {
      const child = index.at(position);
      accepted.sort((a, b) => comparePreferred(rule.preference, child, index.at(a.parent), index.at(b.parent)));
    }
    const winner = accepted.find(({ parent }) => !forest.wouldCycle(position, parent));
    for (const loser of accepted) {
      if (loser !== winner) failed.push({ ...loser, decision: this.rejection(position, loser, winner) });
    }
    if (winner === undefined) return false;
    const decision = accepted.length > 1 ? this.preferred(winner, true) : this.doubt(winner);
    this.links[position] = decision === undefined ? winner : { ...winner, decision };
    forest.hang(position, winner.parent);
    return true;
  }

  /**
   * What came by a sibling is proven no better than the sibling is; and under a one-way message, whose handling has no end
   * that could be seen, not at all.
   */
  private doubt({ parent, via }: Verdict): RuleCondition | undefined {
    if (via === undefined) return undefined;
    const { rule, decision } = this.links[via]!;
    if (decision !== undefined || rule.strength !== 'exact')
      return { kind: 'by-sibling', holds: true, doubt: 'weak-sibling' };
    return this.index.at(parent).oneway ? { kind: 'by-sibling', holds: true, doubt: 'no-end' } : undefined;
  }

  private rejection(position: number, { parent }: Verdict, winner: Verdict | undefined): RuleCondition {
    if (winner === undefined || this.forest.wouldCycle(position, parent)) return { kind: 'no-cycle', holds: false };
    return this.preferred(winner, false);
  }

  private preferred({ rule, parent }: Verdict, won: boolean): RuleCondition {
    return { kind: 'preferred', holds: won, by: rule.preference, winner: this.index.at(parent).id };
  }

  /** Replaces what an earlier try of the same rule left. */
  private keepNearMisses(rule: ParentRule, position: number, failed: Verdict[]): void {
    const { index, nearMisses } = this;
    if (failed.length > 1) {
      const { start } = index.at(position);
      failed.sort((a, b) => {
        const [one, other] = [index.at(a.parent), index.at(b.parent)];
        return Math.abs(one.start - start) - Math.abs(other.start - start) || (one.id < other.id ? -1 : 1);
      });
    }
    const kept = failed.slice(0, MAX_NEAR_MISSES);
    const others = nearMisses.get(position)?.filter((verdict) => verdict.rule !== rule);
    nearMisses.set(position, others === undefined ? kept : [...others, ...kept]);
  }

  /** Answers whether a call found its parent: its siblings may follow it. */
  private offerByKey(rule: ParentRule, lookup: KeyLookup): boolean {
    const { index, forest } = this;
    let linkedCall = false;
    for (const position of this.order) {
      if (forest.parentOf(position) !== undefined) continue;
      const child = index.at(position);
      if (!rule.appliesTo(child)) continue;
      const found = index.candidates(child, lookup, MAX_CANDIDATES);
      if (found.length > 0 && this.offer(rule, position, found) && spanRole(child) === 'client') linkedCall = true;
    }
    return linkedCall;
  }

  /** Offers a root those who share a key with a call below it. */
  private offerByCalls(rule: ParentRule, lookups: readonly KeyLookup[]): void {
    const { index, forest, order } = this;
    for (const [position, calls] of callsBelowApps(index, order, forest)) {
      if (!rule.appliesTo(index.at(position))) continue;
      const via = new Map<number, number>();
      for (const call of calls) {
        for (const lookup of lookups) {
          const found = index.candidates(index.at(call), lookup, MAX_CANDIDATES);
          for (const parent of found) if (!via.has(parent)) via.set(parent, call);
        }
      }
      this.offer(rule, position, [...via.keys()].slice(0, MAX_CANDIDATES), [...via.values()]);
    }
  }

  private offerBySiblings(rule: ParentRule): void {
    const { index, forest, order } = this;
    const siblings = new ChainedSiblings();
    let waiting = 0;
    for (const position of order) {
      if (forest.parentOf(position) !== undefined || !rule.appliesTo(index.at(position))) continue;
      siblings.want(index.at(position), position);
      waiting += 1;
    }
    if (waiting === 0) return;
    const rank = rankOf(order);
    let wave = new Set<number>();
    for (const position of order) if (rule.appliesTo(index.at(position))) this.wake(siblings, position, wave);
    while (wave.size > 0) {
      const next = new Set<number>();
      for (const position of [...wave].sort((a, b) => rank[a]! - rank[b]!)) {
        if (forest.parentOf(position) !== undefined) continue;
        const { parents, via } = siblings.candidates(index.at(position));
        if (this.offer(rule, position, parents, via)) this.wake(siblings, position, next);
      }
      wave = next;
    }
  }

  /** Adds to the next wave those who may follow a call, if it has found its server. */
  private wake(siblings: ChainedSiblings, position: number, wave: Set<number>): void {
    const parent = serverAbove(this.index, this.forest, position);
    if (parent === undefined) return;
    for (const woken of siblings.accepted(this.index.at(position), position, parent)) wave.add(woken);
  }

  /** Tells a root that another process holds its id, though a rule within one process must refuse it. */
  private explainRoot(position: number): void {
    const child = this.index.at(position);
    for (const rule of this.rules) {
      const source = rule.candidates;
      if (source.kind !== 'shared-key' || source.within !== 'process' || !rule.appliesTo(child)) continue;
      if (this.nearMisses.get(position)?.some((verdict) => verdict.rule === rule)) continue;
      const found = this.index.candidates(child, { ...source, within: 'anywhere' }, MAX_NEAR_MISSES);
      if (found.length > 0) this.offer(rule, position, found);
    }
  }
}

/** The options with the clocks that times are compared by. */
function withHostClocks(options: AssemblyOptions, index: MemorySpanIndex): AssemblyOptions {
  const { hostClocks, ...others } = options;
  if (!options.correctClocks) return others;
  return { ...others, hostClocks: hostClocks ?? exactHostClocks(index) };
}

/** The place of each position in the order. */
function rankOf(order: readonly number[]): Int32Array {
  const rank = new Int32Array(order.length);
  for (let i = 0; i < order.length; i += 1) rank[order[i]!] = i;
  return rank;
}
