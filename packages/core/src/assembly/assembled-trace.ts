import type { AssociationKey, KeyKind } from '../association/association-key';
import type { AttributionSign } from '../attribution/attribution';
import type { DurationNs, HostId, Nanoseconds, SpanId } from '../base/brand';
import type { Span } from '../span/span';
import type { HostClocks } from './host-clocks';
import type { MissingEdge } from './missing-links';
import type { PrunedSpan } from './pruning';

export const RULE_IDS = [
  'R01',
  'R02',
  'R03',
  'R04',
  'R05',
  'R06',
  'R07',
  'R08',
  'R09',
  'R10',
  'R11',
  'R12',
  'R13',
  'R14',
  'R15',
  'R16',
  'X01',
  'X02',
  'X03',
  'X04',
  'X05',
  'X06',
] as const;
export type RuleId = (typeof RULE_IDS)[number];

/**
 * `exact` = equality of a value that no other candidate had; `weak` = a value that others may share, or several
 * candidates did share, so that a preference decided; `inferred` = reasoned, with a probability.
 */
export type LinkStrength = 'exact' | 'weak' | 'inferred';

/** Names of the span fields that a rule may compare. */
export type EvidenceField =
  | 'systraceIdRequest'
  | 'systraceIdResponse'
  | 'pseudoThreadId'
  | 'xRequestIdRequest'
  | 'xRequestIdResponse'
  | 'tcpSeqRequest'
  | 'tcpSeqResponse'
  | 'traceIds'
  | 'spanId'
  | 'parentSpanId'
  | 'requestId'
  | 'socket'
  | 'src'
  | 'dst'
  | 'resource'
  | 'queueMessages'
  | 'systraceIdConnect'
  | 'attribution';

/** Two values that a rule found equal, each with the field it stands in. */
export interface MatchedValue {
  readonly child: EvidenceField;
  readonly parent: EvidenceField;
  readonly value: string;
}

/** What decides between candidates that a rule accepts alike. */
export type Preference = 'latest-start' | 'smallest-deviation' | 'closest-duration' | 'nearest-on-path';

/** What ran a program, as far as it is known: an application reports its host and service, and often its process. */
export interface Instance {
  readonly host: HostId;
  readonly pid?: number;
  readonly service?: string;
}

/** A condition that was checked beyond equality. `holds: false` is what made a near miss. Wording is the view's. */
export type RuleCondition =
  | { readonly kind: 'same-process'; readonly holds: boolean; readonly childPid: number; readonly parentPid: number }
  | {
      readonly kind: 'covers';
      readonly holds: boolean;
      /** How long before the child the parent started, and after it ended; negative = by how much it failed. */
      readonly startMargin: DurationNs;
      readonly endMargin: DurationNs;
      /**
       * The edges of the parent that are not known, because it is one-way or that half was never seen: there it may
       * reach as far as it likes, and the margin, counted from what was seen, decides nothing.
       */
      readonly open?: 'start' | 'end';
    }
  | {
      readonly kind: 'within-tolerance';
      readonly holds: boolean;
      readonly edge: 'start' | 'end';
      /** child − parent; positive = the child came later. */
      readonly difference: DurationNs;
      /** The same once the hosts' clocks are corrected, which is what was judged; absent = nothing to correct. */
      readonly corrected?: DurationNs;
      readonly tolerance: DurationNs;
    }
  | {
      readonly kind: 'field-equal';
      readonly holds: boolean;
      readonly field: EvidenceField;
      readonly child: string;
      readonly parent: string;
    }
  | {
      readonly kind: 'preferred';
      readonly holds: boolean;
      readonly by: Preference;
      readonly winner: SpanId;
    }
  /** Of the requests for which the call may have been made, how likely is this one, and which is the likeliest? */
  | {
      readonly kind: 'likeliest';
      readonly holds: boolean;
      readonly probability: number;
      readonly best: SpanId;
      readonly bestProbability: number;
    }
  /** A sign that was weighed, for or against; it decides nothing by itself. */
  | { readonly kind: 'sign'; readonly holds: true; readonly sign: AttributionSign }
  | { readonly kind: 'no-cycle'; readonly holds: boolean }
  /** The link came by a sibling whose own is weak, or under a one-way message, of which nobody sees when it was dealt with. */
  | { readonly kind: 'by-sibling'; readonly holds: true; readonly doubt: 'weak-sibling' | 'no-end' }
  | { readonly kind: 'no-net-span-between'; readonly holds: boolean; readonly between: SpanId | null }
  /** Host and process are the same as far as both are known; between two application spans also the service. */
  | {
      readonly kind: 'same-instance';
      readonly holds: boolean;
      readonly child: Instance;
      readonly parent: Instance;
      /** The application did not say on which of the recorded hosts it ran, so nothing was compared. */
      readonly unknown?: true;
    }
  /** The parent, an application span, has no child of its own instance that was at work for the whole of the call. */
  | { readonly kind: 'leaf'; readonly holds: boolean; readonly below: SpanId | null }
  /** The child, an application span, came in from outside: none of its own instance is its parent. */
  | { readonly kind: 'entry'; readonly holds: boolean; readonly under: SpanId | null }
  /** Nothing on the message's path was seen before the child, or behind the parent. */
  | { readonly kind: 'first-on-path'; readonly holds: boolean; readonly before: SpanId | null }
  | { readonly kind: 'last-on-path'; readonly holds: boolean; readonly behind: SpanId | null }
  /** The parent starts no later, but for the offset of two hosts' clocks. */
  | {
      readonly kind: 'starts-first';
      readonly holds: boolean;
      /** child − parent; negative = the parent started later. */
      readonly difference: DurationNs;
      /** The same once the hosts' clocks are corrected, which is what was judged; absent = nothing to correct. */
      readonly corrected?: DurationNs;
      readonly tolerance: DurationNs;
    }
  /** The parent lasts as long at least; clocks need not agree for that. */
  | {
      readonly kind: 'outlasts';
      readonly holds: boolean;
      readonly child: DurationNs;
      readonly parent: DurationNs;
      /** Of one of the two a half was not seen, so its duration is not known and decides nothing. */
      readonly open?: true;
    }
  /** The message was taken out of the queue no sooner than it was put in. */
  | {
      readonly kind: 'published-first';
      readonly holds: boolean;
      /** End of the delivery − start of the publishing. */
      readonly difference: DurationNs;
      readonly corrected?: DurationNs;
      readonly tolerance: DurationNs;
    };

/** Everything a rule compared for one candidate parent of one child. */
export interface RuleEvidence {
  readonly rule: RuleId;
  readonly child: SpanId;
  readonly parent: SpanId;
  /** The sibling, accepted under this parent, whose values stand on the parent's side in `matched`. */
  readonly via?: SpanId;
  /** The call, below the child, whose values stand on the child's side in `matched`. */
  readonly through?: SpanId;
  readonly matched: readonly MatchedValue[];
  readonly conditions: readonly RuleCondition[];
}

/** An accepted edge. */
export interface ParentLink {
  readonly child: SpanId;
  readonly parent: SpanId;
  readonly rule: RuleId;
  readonly strength: LinkStrength;
  /** 0–1, only for `inferred`. */
  readonly probability?: number;
  readonly evidence: RuleEvidence;
}

/** One span brought about another that it did not wait for: a message went through a queue. No parent link. */
export interface SpanLink {
  /** The producer's span, often of another trace. */
  readonly from: SpanId;
  /** The consumer's. */
  readonly to: SpanId;
  readonly rule: RuleId;
  readonly strength: LinkStrength;
  /** 0–1, only for `inferred`. */
  readonly probability?: number;
  /** The consumer stands as the child, the producer as the parent. */
  readonly evidence: RuleEvidence;
}

/** One round of Algorithm 1: the keys asked for and what each brought in. */
export interface SearchRound {
  readonly round: number;
  readonly keysAsked: number;
  readonly added: readonly { readonly span: SpanId; readonly kind: KeyKind; readonly key: AssociationKey }[];
}

export interface AssemblyOptions {
  /** Rounds of the search at the most. Default 30 (Algorithm 1). */
  readonly maxRounds: number;
  /** Default 50 ms. */
  readonly networkDelay: DurationNs;
  /** Added between hosts. Default 10 ms. */
  readonly clockOffset: DurationNs;
  /** Compare times of two hosts by corrected clocks. Default true. */
  readonly correctClocks: boolean;
  /** The clocks to correct by. Default: as the requests that two hosts surely saw, among the spans at hand, tell. */
  readonly hostClocks?: HostClocks;
  /** Rules left out. */
  readonly disabledRules: ReadonlySet<RuleId>;
}

export interface AssembledTrace {
  /** The root's id. */
  readonly id: SpanId;
  readonly root: SpanId;
  /** Earliest start and latest end of its spans. */
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** Depth first, siblings by start. Every span but the root has its link in `links`. */
  readonly spans: readonly Span[];
  readonly links: ReadonlyMap<SpanId, ParentLink>;
  /**
   * Candidates that matched on a key and failed on a condition, by child, rules in registry order, nearest first; at
   * most MAX_NEAR_MISSES for a child and rule.
   */
  readonly nearMisses: ReadonlyMap<SpanId, readonly RuleEvidence[]>;
  /** Links over message queues that begin or end at one of its spans. The other end may lie in another trace. */
  readonly spanLinks: readonly SpanLink[];
  /** Empty when the whole capture was assembled at once: then nothing was searched. */
  readonly rounds: readonly SearchRound[];
  /** The search stopped at `maxRounds` with keys left to ask. */
  readonly roundsExhausted: boolean;
  /** Related spans that belong to other trees: found by the search, not reached from the root. */
  readonly pruned: readonly SpanId[];
  /** Why each of them was pruned, in the same order. */
  readonly pruning: readonly PrunedSpan[];
  /** What the trace lacks, and whether loss could explain it, by what is known of its spans. */
  readonly missing: readonly MissingEdge[];
}
