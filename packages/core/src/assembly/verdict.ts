import type { ParentRule } from './parent-rule';

/**
 * What a rule said of a candidate, without its evidence: that is a dozen objects, and most of it is never looked at. A
 * rule is pure, so it is asked once more when somebody does look.
 */
export interface Verdict {
  readonly rule: ParentRule;
  readonly parent: number;
  /** The sibling, or the call below, through which the rule came to the candidate. */
  readonly via: number | undefined;
  readonly decision: Decision;
}

/**
 * What the assembler, not the rule, has to add. Of a link, why it is weak although its rule is exact: others were as good,
 * or it came by a sibling that is weak, or under a message without an end. Of a near miss, why it was not made.
 */
export const DECISIONS = ['none', 'preferred', 'weak-sibling', 'no-end', 'not-preferred', 'cycle'] as const;
export type Decision = (typeof DECISIONS)[number];
