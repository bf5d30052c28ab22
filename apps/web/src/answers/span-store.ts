import type { AssociationKey, Span, SpanId } from '@causeway/core';

/** Spans of one or several captures as Algorithm 1 asks for them. */
export interface SpanStore {
  get(id: SpanId): Promise<Span | undefined>;
  /** Those that exist, by start. */
  getMany(ids: readonly SpanId[]): Promise<readonly Span[]>;
  /** All spans that hold one of the keys: one indexed query. */
  findByKeys(keys: readonly AssociationKey[]): Promise<readonly Span[]>;
  /** The capture of a span that was got before. */
  captureOf(id: SpanId): string | undefined;
}

/** The order of `getMany`. */
export function byStart(a: Span, b: Span): number {
  return a.start - b.start || (a.id < b.id ? -1 : 1);
}
