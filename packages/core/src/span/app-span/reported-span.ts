/**
 * Spans as applications report them by OTLP: the shape and the names of
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto, with attributes as
 * maps, ids as lower-case hex and times as bigint. Whatever form they came in, they have this one from then on.
 */

/** A value as OTLP's AnyValue; an integer that a double does not hold exactly is a bigint. Bytes are base64 text. */
export type AttributeValue = string | number | bigint | boolean | null | AttributeList | AttributeMap;
export type AttributeList = readonly AttributeValue[];
export interface AttributeMap {
  readonly [key: string]: AttributeValue;
}

/** Values of `Span.SpanKind`. */
export const ReportedSpanKind = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const;

/** Values of `Status.StatusCode`. */
export const ReportedStatusCode = { unset: 0, ok: 1, error: 2 } as const;

export interface ReportedEvent {
  /** Nanoseconds since the Unix epoch. */
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: AttributeMap;
}

export interface ReportedLink {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly attributes: AttributeMap;
}

export interface ReportedSpan {
  /** 32 lower-case hex digits, not all 0. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all 0. */
  readonly spanId: string;
  /** Absent for a root. */
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  /** One of `ReportedSpanKind`; others are treated as unspecified. */
  readonly kind: number;
  /** Nanoseconds since the Unix epoch, by the clock of the application's host. */
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: AttributeMap;
  readonly events: readonly ReportedEvent[];
  readonly links: readonly ReportedLink[];
  readonly status: { readonly code: number; readonly message?: string };
}

export interface ReportedScopeSpans {
  readonly scope: { readonly name: string; readonly version?: string };
  readonly spans: readonly ReportedSpan[];
}

/** Spans of one resource: a program, as it describes itself. */
export interface ReportedResourceSpans {
  readonly resource: { readonly attributes: AttributeMap };
  readonly scopeSpans: readonly ReportedScopeSpans[];
}
