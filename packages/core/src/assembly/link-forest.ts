import type { ParentRule } from './parent-rule';
import { DECISIONS, type Verdict } from './verdict';

const NONE = -1;

/**
 * Links as they are found, by the child's position, and the promise that they never close a cycle. In columns: a million
 * objects would be moved about by the garbage collector.
 */
export class LinkForest {
  private readonly parents: Int32Array;
  /** Some ancestor, shortened towards the root on every walk: links are never taken back. */
  private readonly towardsRoot: Int32Array;
  /** Places among the rules and in DECISIONS, and positions. */
  private readonly ruleOf: Uint8Array;
  private readonly decisionOf: Uint8Array;
  private readonly viaOf: Int32Array;

  /** `rules`: all that links may be by. */
  constructor(
    size: number,
    private readonly rules: readonly ParentRule[],
  ) {
    this.parents = new Int32Array(size).fill(NONE);
    this.towardsRoot = new Int32Array(size);
    for (let i = 0; i < size; i += 1) this.towardsRoot[i] = i;
    this.ruleOf = new Uint8Array(size);
    this.decisionOf = new Uint8Array(size);
    this.viaOf = new Int32Array(size).fill(NONE);
  }

  isRoot(position: number): boolean {
    return this.parents[position] === NONE;
  }

  parentOf(child: number): number | undefined {
    const parent = this.parents[child]!;
    return parent === NONE ? undefined : parent;
  }

  linkOf(child: number): Verdict | undefined {
    const parent = this.parents[child]!;
    if (parent === NONE) return undefined;
    const via = this.viaOf[child]!;
    const rule = this.rules[this.ruleOf[child]!]!;
    return { rule, parent, via: via === NONE ? undefined : via, decision: DECISIONS[this.decisionOf[child]!]! };
  }

  /** The child, a root so far, is reached from this parent: hanging it there would close a cycle. */
  wouldCycle(child: number, parent: number): boolean {
    return this.rootOf(parent) === child;
  }

  hang(child: number, { rule, parent, via, decision }: Verdict): void {
    this.parents[child] = parent;
    this.towardsRoot[child] = parent;
    this.ruleOf[child] = this.rules.indexOf(rule);
    this.decisionOf[child] = DECISIONS.indexOf(decision);
    this.viaOf[child] = via ?? NONE;
  }

  private rootOf(position: number): number {
    const { towardsRoot } = this;
    let at = position;
    while (towardsRoot[at] !== at) {
      towardsRoot[at] = towardsRoot[towardsRoot[at]!]!;
      at = towardsRoot[at]!;
    }
    return at;
  }
}
