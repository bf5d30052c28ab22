import type { Span } from '../span/span';
import type { AssemblyOptions, LinkStrength, RuleEvidence, RuleId } from './assembled-trace';

export interface RuleContext {
  readonly options: AssemblyOptions;
}

/**
 * One way in which a span may hang under another. A rule is pure and knows nothing of the others; their order stands
 * in the registry alone.
 */
export interface ParentRule {
  readonly id: RuleId;
  /** As in the rules table, e.g. `systrace-same-side`. */
  readonly name: string;
  /** One plain sentence for a user, e.g. "The call was made by the thread that was handling the request." */
  readonly sentence: string;
  readonly strength: LinkStrength;
  appliesTo(child: Span): boolean;
  /**
   * Judges one candidate. `undefined` = no key in common, so nothing to say. Otherwise all that was compared: the rule
   * accepts when every condition holds; a single failed one makes it a near miss.
   */
  judge(child: Span, candidate: Span, context: RuleContext): RuleEvidence | undefined;
  /** Of two candidates that were both accepted, the better first (negative = a). Default: latest start. */
  prefer?(child: Span, a: Span, b: Span): number;
}
