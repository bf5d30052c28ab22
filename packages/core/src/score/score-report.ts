import type { ParentLink, RuleEvidence, RuleId } from '../assembly/assembled-trace';
import type { SpanId } from '../base/brand';
import type { SysSpan } from '../span/span';

/** Links compared with the truth. */
export interface Tally {
  /** True links: those that the context proves. `correct` + `missing` + those of `wrong` whose child has a true parent. */
  readonly links: number;
  readonly correct: number;
  /** Drawn, but the context says otherwise. */
  readonly wrong: number;
  /** True, but no link was drawn for the child. */
  readonly missing: number;
  /** correct / (correct + wrong); null when nothing was drawn. */
  readonly precision: number | null;
  /** correct / links; null without true links. */
  readonly recall: number | null;
}

/** Drawn links that could be judged. */
export interface DrawnTally {
  readonly links: number;
  readonly correct: number;
  readonly wrong: number;
  readonly precision: number | null;
}

export interface ScoreReport extends Tally {
  /** Drawn links of which the context says nothing: of calls that carry none, such as the start of a connection. */
  readonly unjudged: number;
  /** Calls under the request they were made for: the hard half. */
  readonly withinProcess: Tally;
  /** Requests under the call at the other end of their connection. */
  readonly betweenProcesses: Tally;
  readonly byRule: Readonly<Partial<Record<RuleId, DrawnTally>>>;
  /** `exact`, `weak`, `inferred`. */
  readonly byStrength: Readonly<Record<string, DrawnTally>>;
  /** By name of the child's thread, without its number: which runtime made the call, or handled the request. */
  readonly byComm: Readonly<Record<string, Tally>>;
  /** By the requests that the child's process was handling when it began; `to` null = no limit. */
  readonly byConcurrency: readonly (Tally & { readonly from: number; readonly to: number | null })[];
  /** Links that name a probability, in tenths: how many of them were right. */
  readonly reliability: readonly ReliabilityRow[];
}

export interface ReliabilityRow {
  readonly from: number;
  readonly to: number;
  readonly links: number;
  readonly correct: number;
  /** What the links said, on average; a calibrated one equals correct / links. */
  readonly meanProbability: number;
}

/** A link that contradicts the context. */
export interface WrongLink {
  readonly child: SysSpan;
  readonly link: ParentLink;
  /** Absent: it has none in the capture, or the context leaves several. */
  readonly trueParent?: SpanId;
  /** What the rules had against the true parent. Empty: none of them looked at it, or an earlier one had decided. */
  readonly passedOver: readonly RuleEvidence[];
  readonly concurrency: number;
}

/** A true link that was not drawn. */
export interface MissingLink {
  readonly child: SysSpan;
  readonly trueParent: SpanId;
  readonly passedOver: readonly RuleEvidence[];
  readonly concurrency: number;
}

export interface Score {
  readonly report: ScoreReport;
  /** The worst first: those called exact, then the most probable. */
  readonly wrong: readonly WrongLink[];
  readonly missing: readonly MissingLink[];
}
