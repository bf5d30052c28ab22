import type { Span } from '../span/span';
import type { ParentRule } from './parent-rule';
import { PARENT_RULES } from './parent-rules/registry';
import type { Verdict } from './verdict';

/** Near misses kept for one child and rule: those that start nearest to it. */
export const MAX_NEAR_MISSES = 4;

const NONE: readonly Verdict[] = [];

/** Candidates that a rule had something to say of and did not accept, by the child's position. */
export class NearMisses {
  private readonly byChild = new Map<number, readonly Verdict[]>();

  constructor(private readonly spanAt: (position: number) => Span) {}

  /** Rules in registry order, nearest first. */
  of(child: number): readonly Verdict[] {
    const missed = this.byChild.get(child);
    if (missed === undefined) return NONE;
    return missed.toSorted((a, b) => PARENT_RULES.indexOf(a.rule) - PARENT_RULES.indexOf(b.rule));
  }

  has(child: number, rule: ParentRule): boolean {
    return this.byChild.get(child)?.some((verdict) => verdict.rule === rule) ?? false;
  }

  /** Replaces what an earlier try of the same rule left. `failed`: at least one. */
  keep(child: number, rule: ParentRule, failed: readonly Verdict[]): void {
    const kept = failed.length === 1 ? failed : this.nearest(child, failed);
    const others = this.byChild.get(child)?.filter((verdict) => verdict.rule !== rule) ?? NONE;
    this.byChild.set(child, others.length === 0 ? kept : [...others, ...kept]);
  }

  private nearest(child: number, failed: readonly Verdict[]): Verdict[] {
    const { spanAt } = this;
    const { start } = spanAt(child);
    const sorted = failed.toSorted((a, b) => {
      const [one, other] = [spanAt(a.parent), spanAt(b.parent)];
      return Math.abs(one.start - start) - Math.abs(other.start - start) || (one.id < other.id ? -1 : 1);
    });
    return sorted.slice(0, MAX_NEAR_MISSES);
  }
}
