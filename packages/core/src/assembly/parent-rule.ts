import type { LookupKind } from '../association/association-key';
import type { Span } from '../span/span';
import type { AssemblyOptions, EvidenceField, LinkStrength, Preference, RuleEvidence, RuleId } from './assembled-trace';
import type { KeyLookup, SpanRole } from './span-index';

export interface RuleContext {
  readonly options: AssemblyOptions;
  /** The spans in a role that share a key of this kind with the span, nearest start first; see `KeyLookup`. */
  sharing(span: Span, key: LookupKind, role: SpanRole, spanId?: KeyLookup['spanId']): readonly Span[];
}

/** Where the assembler finds the candidates of a rule: always by a key in the index, never by a scan. */
export type CandidateSource =
  | ({ readonly kind: 'shared-key' } & KeyLookup)
  /** The parents of those c-p spans, already accepted, whose systrace ids chain with the child's. */
  | { readonly kind: 'chained-sibling' }
  /** Those that share a key with a c-p span which hangs, at whatever depth, below the child: an app span and its calls. */
  | { readonly kind: 'call-below'; readonly lookups: readonly KeyLookup[] };

/** Two values that a rule found equal, as they stand in the spans: text is made of them when somebody looks. */
export interface MatchedField {
  readonly child: EvidenceField;
  readonly parent: EvidenceField;
  readonly value: string | number;
}

/** What a rule has to say of a candidate. Most of these are counted only, so they must be cheap to make. */
export interface RuleFinding extends Omit<RuleEvidence, 'matched'> {
  readonly matched: readonly MatchedField[];
}

/** What a user is told of a rule. */
export interface RuleDescription {
  readonly id: RuleId;
  /** As in the rules table, e.g. `systrace-same-side`. */
  readonly name: string;
  /** One plain sentence for a user, e.g. "The call was made by the thread that was handling the request." */
  readonly sentence: string;
  readonly strength: LinkStrength;
}

/**
 * One way in which a span may hang under another. A rule is pure and knows nothing of the others; their order stands
 * in the registry alone.
 */
export interface ParentRule extends RuleDescription {
  /** Of rules that infer: how likely the link is, 0–1. */
  probability?(child: Span, parent: Span): number | undefined;
  readonly candidates: CandidateSource;
  /** Which of several accepted candidates wins; when they are equal there too, the lower id. */
  readonly preference: Preference;
  /** Roles of the spans that it finds parents for. */
  readonly children: readonly SpanRole[];
  /** Which of these it is for; absent = all. */
  appliesTo?(child: Span): boolean;
  /**
   * Judges one candidate. `undefined` = no value in common, so nothing to say. Otherwise all that was compared: the rule
   * accepts when every condition holds; a single failed one makes it a near miss. `via` is the sibling, or the
   * call below the child, through which a `chained-sibling` or `call-below` rule came to the candidate.
   */
  judge(child: Span, candidate: Span, context: RuleContext, via?: Span): RuleFinding | undefined;
}
