import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { assembleRelated } from './assemble';
import type { AssembledTrace, AssemblyOptions } from './assembled-trace';
import { type AssemblyDifference, diffAssembly } from './diff-assembly';
import type { SpanIndex } from './span-index';

/** A trace by two sets of options. */
export interface WhatIf {
  /** The trees that the trace of the start span is, or becomes, a part of; by start of their roots. */
  readonly before: readonly AssembledTrace[];
  readonly after: readonly AssembledTrace[];
  readonly difference: AssemblyDifference;
  /** Trees after the change of other related spans, which it does not touch. */
  readonly others: readonly AssembledTrace[];
}

/**
 * What becomes of the trace that holds `start` when it is assembled otherwise. An edge that goes leaves two trees, one
 * that comes makes one of two: so both sides are told whole, every tree that has a span in common with the other side's.
 */
export function whatIf(
  index: Pick<SpanIndex, 'findByKeys'>,
  start: Span,
  before: AssemblyOptions,
  after: AssemblyOptions,
): WhatIf {
  const then = assembleRelated(index, start, before);
  const now = assembleRelated(index, start, after);
  const touched = traceable(start.id, [then, now]);
  const [kept, changed] = [then.filter((trace) => touched.has(trace)), now.filter((trace) => touched.has(trace))];
  return {
    before: kept,
    after: changed,
    difference: diffAssembly(kept, changed),
    others: now.filter((trace) => !touched.has(trace)),
  };
}

/** Trees that a span leads to, by spans that trees of different sides share. */
function traceable(start: SpanId, sides: readonly (readonly AssembledTrace[])[]): ReadonlySet<AssembledTrace> {
  const holders = new Map<SpanId, AssembledTrace[]>();
  for (const trace of sides.flat()) {
    for (const { id } of trace.spans) {
      const known = holders.get(id);
      if (known === undefined) holders.set(id, [trace]);
      else known.push(trace);
    }
  }
  const reached = new Set(holders.get(start));
  // A set goes on to what is added to it meanwhile.
  for (const trace of reached) {
    for (const { id } of trace.spans) for (const other of holders.get(id)!) reached.add(other);
  }
  return reached;
}
