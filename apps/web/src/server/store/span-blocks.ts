import type { Span } from '@causeway/core';
import { Packr } from 'msgpackr';
import type { RowFormat } from './copy-stream';
import { spanHashes } from './key-hash';

/** Spans of a row. More make loading faster, and each look at one span dearer. */
export const SPANS_A_BLOCK = 64;

/** A row of `span_block`: spans that ended one after the other. */
export interface SpanBlock {
  /** Counts from 0 in its capture. */
  readonly block: number;
  readonly spans: readonly Span[];
}

// Records: the field names stand once in a block. Nothing is shared between blocks, so that each can be read alone.
const packr = new Packr({ useRecords: true });

/** The capture id comes from the partition's default. */
export const SPAN_BLOCK_FORMAT: RowFormat<SpanBlock> = {
  columns: ['block', 'keys', 'body'],
  write(rows, { block, spans }) {
    const hashes = new Set<number>();
    for (const span of spans) spanHashes(span, hashes);
    rows.int4(block);
    rows.int4s(hashes);
    rows.bytes(packr.pack(spans));
  },
};

/** The spans of a block's body, every value as it was stored. */
export function readSpans(body: Uint8Array): Span[] {
  return packr.unpack(body);
}

/** Cuts spans into blocks, numbered from `first`. */
export function* spanBlocks(spans: readonly Span[], first: number): Generator<SpanBlock> {
  for (let at = 0, block = first; at < spans.length; at += SPANS_A_BLOCK, block += 1) {
    yield { block, spans: spans.slice(at, at + SPANS_A_BLOCK) };
  }
}
