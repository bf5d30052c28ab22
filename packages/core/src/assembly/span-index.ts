import type { AssociationKey } from '../association/association-key';
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
