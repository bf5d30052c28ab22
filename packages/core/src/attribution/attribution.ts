import type { DurationNs, SpanId, SystraceId } from '../base/brand';

/** How the thread and time of a message agree with what a request's life had come to. */
export const OCCASIONS = [
  /** Sent in the very turn of the thread in which the request's latest input (its own read, or an answer) came in. */
  'same-turn',
  /** Sent in the turn of an earlier input of the request. */
  'earlier-turn',
  /** By the same thread, but in a turn that another input opened. */
  'same-thread',
  'other-thread',
  /** First on a new connection, which was asked for in a turn of the request's own. */
  'connected-for',
  /** First on a new connection, which was asked for in a turn of something else. */
  'connected-for-other',
  /** First on a new connection, which was asked for before the request came. */
  'connected-before',
  // Where the turns of the thread's event loop are known, they say it more exactly. Of a new connection it is the turn in
  // which it was asked for. Later in the same turn of the loop, when other inputs had been read …
  'same-loop',
  /** … in the next turn, */
  'next-loop',
  /** the one after that, */
  'second-loop',
  'third-loop',
  'later-loop',
] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** How the words of a call (numbers, names in path, statement or key) agree with a request's. */
export const CONTENTS = ['nothing-shared', 'shared-by-few', 'shared-by-sibling-alone', 'shared-alone'] as const;
export type Content = (typeof CONTENTS)[number];

/** What was compared between a call and a request that may have made it; `weight` is a log-likelihood, natural. */
export type AttributionSign =
  | {
      readonly kind: 'occasion';
      readonly occasion: Occasion;
      /** Systrace id of the call, or of the connect call, and of the request's latest input; absent = none. */
      readonly child?: number;
      readonly parent?: number;
      /** Since the request's latest input. */
      readonly lag: DurationNs;
      readonly weight: number;
    }
  /**
   * Requests of the process that had waited longer to make a call like this. Within one turn of the event loop, of which
   * the last may come first: at most two, and `behind` of those whose input came later.
   */
  | { readonly kind: 'turn'; readonly before: number; readonly behind?: number; readonly weight: number }
  /** Calls of this kind that the request makes besides. */
  | { readonly kind: 'count'; readonly others: number; readonly weight: number }
  | {
      readonly kind: 'content';
      readonly content: Content;
      readonly shared: readonly string[];
      readonly weight: number;
    }
  /** All else: what such a request does after what, and how well the rest of its life agrees. */
  | { readonly kind: 'sequence'; readonly after: string; readonly weight: number };

/** A request of the same process for which a call may have been made. */
export interface AttributionCandidate {
  /** The s-p span. */
  readonly parent: SpanId;
  /** Its `systraceIdRequest`: the key by which the two find each other. */
  readonly systraceId: SystraceId;
  /** 0–1; those of the candidates that are kept add up to 1 at most. */
  readonly probability: number;
  readonly signs: readonly AttributionSign[];
}

/** For which request a call was made, where its thread alone can't tell. Likeliest first; never empty. */
export interface Attribution {
  readonly candidates: readonly AttributionCandidate[];
}
