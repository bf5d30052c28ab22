import type { Span } from '../span/span';
import { callsBelowApps, serverAbove } from './app-trees';
import type { AssemblyOptions, ParentLink, RuleCondition, RuleEvidence } from './assembled-trace';
import { ChainedSiblings } from './chained-siblings';
import { exactHostClocks } from './exact-pairs';
import { LinkForest } from './link-forest';
import { MAX_NEAR_MISSES, NearMisses } from './near-misses';
import type { ParentRule, RuleContext, RuleFinding } from './parent-rule';
import { PARENT_RULES } from './parent-rules/registry';
import { comparePreferred } from './preference';
import { type KeyLookup, type MemorySpanIndex, type SpanRole, spanRole } from './span-index';
import type { Decision, Verdict } from './verdict';

/** Candidates a rule judges for one child: those that start nearest to it. Only ids shared by crowds have more. */
export const MAX_CANDIDATES = 64;

const NOBODY: readonly Span[] = [];
const ROLE_BIT: Readonly<Record<SpanRole, number>> = { client: 1, server: 2, net: 4, app: 8 };

/**
 * Second half of Algorithm 1. Rule by rule in registry order, each child that is still without a parent is offered the
 * rule's candidates; so for every child the first rule that accepts wins. A rule that goes by accepted siblings is
 * tried wave by wave, as one accepted call makes the next acceptable, and once more when all rules are through.
 * `order` holds every position of the index, sorted by `compareSpans`: the result does not depend on anything else, nor
 * on spans that the index gets later.
 */
export function assignParents(index: MemorySpanIndex, order: Int32Array, options: AssemblyOptions): Assignment {
  const assignment = new Assignment(index, order, options);
  assignment.run();
  return assignment;
}

/** Parents of all spans of an index. Positions are the index's. Links and near misses are made anew on every call. */
export class Assignment {
  private readonly forest: LinkForest;
  private readonly nearMisses: NearMisses;
  private readonly rules: readonly ParentRule[];
  private readonly context: RuleContext;
  /** Bits by place in the order: most rules pass most spans over, and reading each of a million for that is slow. */
  private readonly roles: Uint8Array;

  constructor(
    private readonly index: MemorySpanIndex,
    private readonly order: Int32Array,
    options: AssemblyOptions,
  ) {
    const { size } = index;
    this.rules = PARENT_RULES.filter((rule) => !options.disabledRules.has(rule.id));
    this.forest = new LinkForest(size, this.rules);
    this.nearMisses = new NearMisses((position) => index.at(position));
    this.roles = new Uint8Array(size);
    for (let place = 0; place < size; place += 1) this.roles[place] = ROLE_BIT[spanRole(index.at(order[place]!))];
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
    const verdict = this.forest.linkOf(child);
    if (verdict === undefined) return undefined;
    const { rule, decision } = verdict;
    // A value that several candidates share, or that is as good as another link only, was no proof, however it was compared.
    const strength = decision !== 'none' && rule.strength === 'exact' ? 'weak' : rule.strength;
    const evidence = this.evidenceOf(child, verdict);
    const link = { child: evidence.child, parent: evidence.parent, rule: rule.id, strength, evidence };
    const probability = rule.probability?.(this.index.at(child), this.index.at(verdict.parent));
    return probability === undefined ? link : { ...link, probability };
  }

  nearMissesOf(child: number): readonly RuleEvidence[] {
    return this.nearMisses.of(child).map((verdict) => this.evidenceOf(child, verdict));
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
    this.explainRoots();
  }

  private judge(
    { judge }: ParentRule,
    child: number,
    parent: number,
    via: number | undefined,
  ): RuleFinding | undefined {
    const { index } = this;
    return judge(index.at(child), index.at(parent), this.context, via === undefined ? undefined : index.at(via));
  }

  private evidenceOf(child: number, verdict: Verdict): RuleEvidence {
    const { rule, parent, via } = verdict;
    const finding = this.judge(rule, child, parent, via)!;
    const matched = finding.matched.map((match) => ({ ...match, value: String(match.value) }));
    const added = this.decisionOf(child, verdict);
    return {
      ...finding,
      matched,
      conditions: added === undefined ? finding.conditions : [...finding.conditions, added],
    };
  }

  private decisionOf(child: number, { rule, decision }: Verdict): RuleCondition | undefined {
    switch (decision) {
      case 'none':
        return undefined;
      case 'cycle':
        return { kind: 'no-cycle', holds: false };
      case 'weak-sibling':
      case 'no-end':
        return { kind: 'by-sibling', holds: true, doubt: decision };
      default: {
        const winner = this.index.at(this.forest.parentOf(child)!).id;
        return { kind: 'preferred', holds: decision === 'preferred', by: rule.preference, winner };
      }
    }
  }

  /** Calls the visitor for the children, without a parent so far, that a rule is for: positions, and places in the order. */
  private forChildren(rule: ParentRule, visit: (position: number, place: number) => void): void {
    const { index, forest, order, roles } = this;
    const wanted = rule.children.reduce((bits, role) => bits | ROLE_BIT[role], 0);
    for (let place = 0; place < order.length; place += 1) {
      if ((roles[place]! & wanted) === 0) continue;
      const position = order[place]!;
      if (forest.isRoot(position) && rule.appliesTo?.(index.at(position)) !== false) visit(position, place);
    }
  }

  /** Judges the candidates of one child; answers whether it has a parent now. */
  private offer(rule: ParentRule, position: number, parents: readonly number[], via?: readonly number[]): boolean {
    const accepted: Verdict[] = [];
    const failed: Verdict[] = [];
    for (let i = 0; i < parents.length; i += 1) {
      const parent = parents[i]!;
      if (parent === position) continue;
      const sibling = via?.[i];
      const finding = this.judge(rule, position, parent, sibling);
      if (finding === undefined) continue;
      const verdict: Verdict = { rule, parent, via: sibling, decision: 'none' };
      if (holdAll(finding.conditions)) accepted.push(verdict);
      else failed.push(verdict);
    }
    const won = accepted.length > 0 && this.choose(rule, position, accepted, failed);
    if (failed.length > 0) this.nearMisses.keep(position, rule, failed);
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
      if (loser === winner) continue;
      const cycle = winner === undefined || forest.wouldCycle(position, loser.parent);
      failed.push({ ...loser, decision: cycle ? 'cycle' : 'not-preferred' });
    }
    if (winner === undefined) return false;
    forest.hang(position, { ...winner, decision: accepted.length > 1 ? 'preferred' : this.doubt(winner) });
    return true;
  }

  /**
   * What came by a sibling is proven no better than the sibling is; and under a one-way message, whose handling has no end
   * that could be seen, not at all.
   */
  private doubt({ parent, via }: Verdict): Decision {
    const sibling = via === undefined ? undefined : this.forest.linkOf(via);
    if (sibling === undefined) return 'none';
    if (sibling.decision !== 'none' || sibling.rule.strength !== 'exact') return 'weak-sibling';
    return this.index.at(parent).oneway ? 'no-end' : 'none';
  }

  /** Answers whether a call found its parent: its siblings may follow it. */
  private offerByKey(rule: ParentRule, lookup: KeyLookup): boolean {
    const { index, roles } = this;
    let linkedCall = false;
    if (!index.canAnswer(lookup)) return linkedCall;
    this.forChildren(rule, (position, place) => {
      const found = index.candidates(index.at(position), lookup, MAX_CANDIDATES);
      if (found.length > 0 && this.offer(rule, position, found) && roles[place] === ROLE_BIT.client) linkedCall = true;
    });
    return linkedCall;
  }

  /** Offers a root those who share a key with a call below it. */
  private offerByCalls(rule: ParentRule, lookups: readonly KeyLookup[]): void {
    const { index, forest, order } = this;
    for (const [position, calls] of callsBelowApps(index, order, forest)) {
      if (rule.appliesTo?.(index.at(position)) === false) continue;
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
    const { index, forest, order, roles } = this;
    const siblings = new ChainedSiblings();
    let waiting = 0;
    this.forChildren(rule, (position, place) => {
      siblings.want(index.at(position), place);
      waiting += 1;
    });
    if (waiting === 0) return;
    // Places in the order, of those who may follow a call that has found its server.
    let woken: number[] = [];
    const wake = (position: number) => {
      const parent = serverAbove(index, forest, position);
      if (parent !== undefined) siblings.accepted(index.at(position), position, parent, woken);
    };
    for (let place = 0; place < order.length; place += 1) {
      if (roles[place] === ROLE_BIT.client && !forest.isRoot(order[place]!)) wake(order[place]!);
    }
    while (woken.length > 0) {
      const wave = Int32Array.from(woken).sort();
      woken = [];
      for (const place of wave) {
        const position = order[place]!;
        if (!forest.isRoot(position)) continue;
        const { parents, via } = siblings.candidates(index.at(position));
        if (this.offer(rule, position, parents, via)) wake(position);
      }
    }
  }

  /** Tells roots that another process holds their id, though a rule within one process must refuse it. */
  private explainRoots(): void {
    const { index, nearMisses } = this;
    for (const rule of this.rules) {
      const source = rule.candidates;
      if (source.kind !== 'shared-key' || source.within !== 'process' || !index.canAnswer(source)) continue;
      this.forChildren(rule, (position) => {
        if (nearMisses.has(position, rule)) return;
        const found = index.candidates(index.at(position), { ...source, within: 'anywhere' }, MAX_NEAR_MISSES);
        if (found.length > 0) this.offer(rule, position, found);
      });
    }
  }
}

/** By hand, as millions of findings are asked. */
function holdAll(conditions: readonly RuleCondition[]): boolean {
  for (let i = 0; i < conditions.length; i += 1) if (!conditions[i]!.holds) return false;
  return true;
}

/** The options with the clocks that times are compared by. */
function withHostClocks(options: AssemblyOptions, index: MemorySpanIndex): AssemblyOptions {
  const { hostClocks, ...others } = options;
  if (!options.correctClocks) return others;
  return { ...others, hostClocks: hostClocks ?? exactHostClocks(index) };
}
