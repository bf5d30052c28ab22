import type { ReportedResourceSpans, ReportedSpan } from '@causeway/core';

/** What one OTLP message holds. */
export interface ReportedBatch {
  readonly resourceSpans: readonly ReportedResourceSpans[];
  /** Spans in it. */
  readonly spanCount: number;
  /** Spans that were left out: without a valid trace or span id, or without a start. */
  readonly rejected: number;
}

/** A span as its decoder found it; ids are lower-case hex, or anything else when they are not valid. */
export type FoundSpan = Omit<ReportedSpan, 'parentSpanId' | 'traceState'> & {
  readonly parentSpanId: string;
  readonly traceState: string;
};

const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0+$)[0-9a-f]{16}$/;
const MAX_TIME = 0x7fff_ffff_ffff_ffffn;
const HIGHEST_KIND = 5;
const HIGHEST_CODE = 2;

export const isTraceId = (text: string): boolean => TRACE_ID.test(text);
export const isSpanId = (text: string): boolean => SPAN_ID.test(text);

const isTime = (time: bigint): boolean => time > 0n && time <= MAX_TIME;
/** Numbers that this version does not know are 0, which says nothing. */
const known = (value: number, highest: number): number =>
  Number.isInteger(value) && value >= 0 && value <= highest ? value : 0;

/** Checks what OTLP demands of a span; `undefined` when it cannot be used. */
export function checkedSpan({ parentSpanId, traceState, ...span }: FoundSpan): ReportedSpan | undefined {
  const { traceId, spanId, startTimeUnixNano: start, endTimeUnixNano: end } = span;
  if (!isTraceId(traceId) || !isSpanId(spanId) || !isTime(start)) return undefined;
  return {
    ...span,
    kind: known(span.kind, HIGHEST_KIND),
    status: { ...span.status, code: known(span.status.code, HIGHEST_CODE) },
    events: span.events.map((event) => (isTime(event.timeUnixNano) ? event : { ...event, timeUnixNano: start })),
    // A span that was exported before it ended has none.
    endTimeUnixNano: end >= start && isTime(end) ? end : start,
    ...(isSpanId(parentSpanId) && { parentSpanId }),
    ...(traceState !== '' && { traceState }),
  };
}

/** Collects the checked spans of a message and counts the others. */
export class SpanCollector {
  spanCount = 0;
  rejected = 0;

  /** Those that can be used. */
  check(found: Iterable<FoundSpan | undefined>): ReportedSpan[] {
    const spans: ReportedSpan[] = [];
    for (const each of found) {
      const span = each && checkedSpan(each);
      if (span === undefined) this.rejected++;
      else spans.push(span);
    }
    this.spanCount += spans.length;
    return spans;
  }
}
