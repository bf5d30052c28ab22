import {
  type AssembledTrace,
  assembleAll,
  type Coverage,
  createSpanIndex,
  type ParentLink,
  type Span,
} from '@causeway/core';
import { createReplay, readCapture } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';

/** What a capture's replay comes to. */
export interface Replayed {
  readonly spans: readonly Span[];
  readonly traces: readonly AssembledTrace[];
  readonly links: readonly ParentLink[];
  readonly coverage: Coverage;
}

export async function replayed(...captures: readonly Uint8Array[]): Promise<Replayed> {
  const spans: Span[] = [];
  const replay = createReplay({ onSpan: (span) => spans.push(span) });
  for (const bytes of captures) for await (const item of readCapture([bytes], nodeCodec)) replay.push(item);
  replay.end();
  const traces = assembleAll(createSpanIndex(spans));
  const links = traces.flatMap((trace) => [...trace.links.values()]);
  return { spans, traces, links, coverage: replay.coverage() };
}
