import type { Span } from '../span/span';

/** What the programs said of a request inside its bytes: headers, a comment in the statement, a token in a key. */
export interface InBandContext {
  readonly traceIds: readonly string[];
  /** Id that the caller gave to this call; both ends of a connection carry the same. */
  readonly spanId: string;
  /** Id of the request for which the caller made the call, where the format has a place for it (B3). */
  readonly parentSpanId?: string;
}

export interface HideOptions {
  /** Also take the X-Request-IDs away. */
  readonly xRequestIds: boolean;
}

/** W3C `version-trace-parent-flags`, wherever it stands in a text: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /\b[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b/;
/** B3 in one header, `trace-span-sampled-parent`: https://github.com/openzipkin/b3-propagation#single-header */
const B3 = /\b([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})-[01d](?:-([0-9a-f]{16}))?\b/;

/** A comment that carries context (sqlcommenter), and either format by itself with the name before it, if it has one. */
const COMMENT = /\s*\/\*(?:(?!\*\/)[\s\S])*?\b(?:traceparent|tracestate|b3)=(?:(?!\*\/)[\s\S])*(?:\*\/|$)/g;
const NAMED_TOKEN = new RegExp(`\\s*(?:\\b[\\w-]{1,64}[=:])?['"]?(?:${TRACEPARENT.source}|${B3.source})['"]?`, 'g');
/** Shorter ids stand in texts by chance. */
const SHORTEST_ID = 16;

/** The context of a span, from its headers or else from its text; undefined when it names no call. */
export function readContext(span: Span): InBandContext | undefined {
  const text = span.resource ?? '';
  const b3 = text.length < SHORTEST_ID ? null : B3.exec(text);
  const w3c = text.length < SHORTEST_ID ? null : TRACEPARENT.exec(text);
  const spanId = span.spanId ?? b3?.[2] ?? w3c?.[2];
  const inText = b3?.[1] ?? w3c?.[1];
  const traceIds = span.traceIds.length > 0 || inText === undefined ? span.traceIds : [inText];
  if (spanId === undefined || traceIds.length === 0) return undefined;
  const parentSpanId = span.parentSpanId ?? (b3?.[2] === spanId ? b3[3] : undefined);
  return parentSpanId === undefined ? { traceIds, spanId } : { traceIds, spanId, parentSpanId };
}

/**
 * The span without its in-band context: ids gone from their fields, and from every text that a rule could compare. An
 * application's own span keeps its ids: nobody carried them in band.
 */
export function hideContext<S extends Span>(span: S, { xRequestIds }: HideOptions): S {
  if (span.type === 'app') return span;
  const context = readContext(span);
  const ids = [...span.traceIds, span.spanId, span.parentSpanId, ...(context?.traceIds ?? []), context?.spanId].filter(
    (id): id is string => id !== undefined && id.length >= SHORTEST_ID,
  );
  const hide = (text: string | undefined) => (text === undefined ? undefined : hideInText(text, ids));
  const hidden = {
    ...span,
    traceIds: [],
    spanId: undefined,
    parentSpanId: undefined,
    resource: hide(span.resource),
    endpoint: hide(span.endpoint),
    domain: hide(span.domain),
    exception: hide(span.exception),
  };
  return xRequestIds ? { ...hidden, xRequestIdRequest: undefined, xRequestIdResponse: undefined } : hidden;
}

function hideInText(text: string, ids: readonly string[]): string {
  if (text.length < SHORTEST_ID) return text;
  let rest = text.replace(COMMENT, '').replace(NAMED_TOKEN, '');
  for (const id of ids) rest = rest.replaceAll(id, '');
  return rest;
}
