import type { AssociationKey, LookupKind } from '../association/association-key';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';

/**
 * What the iterative search asks, once a round. The search itself is a generator that yields such a question and is
 * resumed with the spans, so that one piece of code serves an in-memory index (answered at once) and PostgreSQL
 * (answered after one indexed query).
 */
export interface KeyQuestion {
  readonly round: number;
  readonly keys: readonly AssociationKey[];
}

/** An in-memory answerer. */
export interface SpanIndex {
  readonly size: number;
  get(id: SpanId): Span | undefined;
  /** All spans holding one of the keys, each once, in the order they were added. */
  findByKeys(keys: readonly AssociationKey[]): readonly Span[];
  all(): Iterable<Span>;
}

/** What a span can be to a rule: `client` is c-p, `server` is s-p, the others are whole span types. */
export type SpanRole = 'client' | 'server' | 'net' | 'app';

export function spanRole(span: Span): SpanRole {
  if (span.type !== 'sys') return span.type;
  return span.tapSide === 'c-p' ? 'client' : 'server';
}

/** Spans that may be a child's parent: those in a role that hold one of the child's keys of a kind. */
export interface KeyLookup {
  readonly key: LookupKind;
  readonly role: SpanRole | readonly SpanRole[];
  /** `process`: only spans of the child's own process. */
  readonly within: 'anywhere' | 'process';
  /** For the kinds of span ids, which of the child's is asked for: its own (the default), its parent's, or either. */
  readonly spanId?: 'own' | 'parent' | 'either';
}

/** The index as the assembler needs it. A position is the count of spans added before. */
export interface MemorySpanIndex extends SpanIndex {
  /** Adds spans; one whose id is already there is left out. */
  add(spans: Iterable<Span>): void;
  /** Puts spans in the place of those with their ids, and adds the others. */
  replace(spans: Iterable<Span>): void;
  at(position: number): Span;
  positionOf(id: SpanId): number | undefined;
  /** Whether any span in the role holds a key of the kind: if not, the look-up need not be tried for any child. */
  canAnswer(lookup: Pick<KeyLookup, 'key' | 'role'>): boolean;
  /**
   * Positions of the spans that answer the look-up, at most `limit`, those that start nearest to the child first. May
   * hold a few that share only a hash: whoever judges them compares the values.
   */
  candidates(child: Span, lookup: KeyLookup, limit: number): readonly number[];
}
