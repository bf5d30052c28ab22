import type { Nanoseconds, Span } from '@causeway/core';
import { buildTraceModel, type TraceModel } from '../trace-model';

/** The trace with the times of each host shifted by its clock's offset: for drawing, never for what is told of a span. */
export function correctedModel(model: TraceModel): TraceModel {
  const shifts = new Map(model.view.clocks.map(({ host, shift }) => [host, shift]));
  if ([...shifts.values()].every((shift) => shift === 0)) return model;
  const spans = model.view.spans.map((span) => shifted(span, shifts.get(span.hostId) ?? 0));
  const start = spans.reduce((least, span) => Math.min(least, span.start), Number.POSITIVE_INFINITY);
  const end = spans.reduce((most, span) => Math.max(most, span.end), Number.NEGATIVE_INFINITY);
  return buildTraceModel({ ...model.view, spans, start, end });
}

function shifted(span: Span, by: number): Span {
  if (by === 0) return span;
  const { start, end, firstResponseByte } = span;
  return {
    ...span,
    start: (start + by) as Nanoseconds,
    end: (end + by) as Nanoseconds,
    ...(firstResponseByte !== undefined && { firstResponseByte: (firstResponseByte + by) as Nanoseconds }),
  };
}
