import {
  type AssembledTrace,
  type AssemblyDifference,
  createSpanIndex,
  explainMissing,
  type MemorySpanIndex,
  type SpanId,
  type SpanLink,
  whatIf,
} from '@causeway/core';
import type { RelatedSpansView, TraceView } from '../../../api/contract';
import { assemblyOptions, type LabOptions, USUAL } from './lab-options';

/** Trees that are drawn beside the trace at the most. */
const MAX_OTHERS = 50;

export interface LabQuestion {
  readonly options: LabOptions;
  /** Show the trees that were left out, too. */
  readonly others: boolean;
}

/** A trace assembled otherwise: what to put in place of the server's answer, and what has become of its edges. */
export interface LabAnswer {
  readonly view: Pick<
    TraceView,
    | 'start'
    | 'end'
    | 'spans'
    | 'links'
    | 'nearMisses'
    | 'spanLinks'
    | 'rounds'
    | 'roundsExhausted'
    | 'missing'
    | 'outside'
  >;
  readonly difference: AssemblyDifference;
  /** Spans of the trees that were left out and are shown all the same. */
  readonly leftOut: readonly SpanId[];
  /** Such trees that there was no room for. */
  readonly hiddenOthers: number;
}

/** Assembles one trace in ever other ways; plain data in and out, so that it can run in a worker. */
export class Lab {
  readonly #index: MemorySpanIndex;

  constructor(readonly related: RelatedSpansView) {
    this.#index = createSpanIndex(related.spans);
  }

  assemble({ options, others }: LabQuestion): LabAnswer {
    const { start: id, hostClocks } = this.related;
    const [usual, wanted] = [USUAL, options].map((each) => assemblyOptions(each, hostClocks));
    const { after, others: all, difference } = whatIf(this.#index, this.#index.get(id)!, usual!, wanted!);
    const isOwn = ({ spans }: AssembledTrace) => spans.some((span) => span.id === id);
    const beside = others ? all.slice(0, MAX_OTHERS) : [];
    // The tree of the span that the page is about comes first.
    const shown = [...after.filter(isOwn), ...after.filter((trace) => !isOwn(trace)), ...beside];
    return {
      view: this.#view(shown),
      difference,
      leftOut: beside.flatMap((trace) => trace.spans.map((span) => span.id)),
      hiddenOthers: others ? all.length - beside.length : 0,
    };
  }

  #view(traces: readonly AssembledTrace[]): LabAnswer['view'] {
    const nearMisses = traces.flatMap((trace) => [...trace.nearMisses.values()].flat());
    // A link between two of the trees stands in both.
    const spanLinks = new Map<string, SpanLink>();
    for (const { spanLinks: links } of traces) for (const link of links) spanLinks.set(`${link.from} ${link.to}`, link);
    const inside = new Set(traces.flatMap((trace) => trace.spans.map((span) => span.id)));
    const named = new Set(nearMisses.map(({ parent }) => parent));
    for (const { from, to } of spanLinks.values()) named.add(from).add(to);
    return {
      start: traces.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY),
      end: traces.reduce((most, { end }) => Math.max(most, end), Number.NEGATIVE_INFINITY),
      spans: traces.flatMap(({ spans }) => spans),
      links: traces.flatMap(({ links }) => [...links.values()]),
      nearMisses,
      spanLinks: [...spanLinks.values()],
      rounds: traces[0]!.rounds,
      roundsExhausted: traces[0]!.roundsExhausted,
      missing: traces.flatMap((trace) => explainMissing(trace, this.related.losses)),
      outside: [...named].filter((each) => !inside.has(each)).flatMap((each) => this.#index.get(each) ?? []),
    };
  }
}
