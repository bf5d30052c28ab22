import type { HostId, Nanoseconds, SpanId } from '../../base/brand';
import { Hash64 } from '../../base/hash';
import type { MessageStatus } from '../../message/message';
import type { AppSpan, AppTapSide } from '../span';
import { integerOf, keptAttributes, MAX_KEPT_CHARACTERS, textOf } from './attributes';
import { describeDatabase } from './database-attributes';
import type { DescribedRequest } from './described-request';
import { describeHttp } from './http-attributes';
import { describeMessaging } from './messaging-attributes';
import { type ReportedResourceSpans, type ReportedSpan, ReportedSpanKind, ReportedStatusCode } from './reported-span';
import { describeRpc } from './rpc-attributes';

/** Span links kept of a span. */
const MAX_KEPT_LINKS = 32;
/** The specification's own word for a service without a name. */
const UNNAMED_SERVICE = 'unknown_service';

/** Side of each kind: who asks or sends, who answers or receives; everything else happened within. */
const TAP_SIDES: Readonly<Record<number, AppTapSide>> = {
  [ReportedSpanKind.server]: 's-app',
  [ReportedSpanKind.consumer]: 's-app',
  [ReportedSpanKind.client]: 'c-app',
  [ReportedSpanKind.producer]: 'c-app',
};

/** What all spans of a resource have in common. */
type Reporter = Pick<AppSpan, 'serviceName' | 'hostId'> &
  Partial<Pick<AppSpan, 'hostName' | 'pid' | 'instance' | 'resourceAttributes'>>;

/**
 * The spans that applications reported, one by one. `place` puts nanoseconds since the epoch on the replay's axis. The host
 * is named by the resource's `host.name` until a capture tells which host has that name: see `settleHost`.
 */
export function* appSpans(
  batches: readonly ReportedResourceSpans[],
  place: (epoch: bigint) => Nanoseconds,
): Generator<AppSpan> {
  for (const { resource, scopeSpans } of batches) {
    const reporter = reporterOf(resource.attributes);
    for (const { spans } of scopeSpans) for (const span of spans) yield appSpan(span, reporter, place);
  }
}

/** The host of an application span, once the hosts that captures were made on are known by name. */
export function settleHost<T extends { readonly type: string }>(span: T, hosts: ReadonlyMap<string, HostId>): T {
  if (span.type !== 'app') return span;
  const { hostName, hostId } = span as unknown as AppSpan;
  const known = hostName === undefined ? undefined : hosts.get(hostName);
  return known === undefined || known === hostId ? span : { ...span, hostId: known };
}

function reporterOf(attributes: ReportedResourceSpans['resource']['attributes']): Reporter {
  const serviceName = textOf(attributes, 'service.name') ?? UNNAMED_SERVICE;
  const hostName = textOf(attributes, 'host.name');
  const pid = integerOf(attributes, 'process.pid');
  const instance = textOf(attributes, 'service.instance.id');
  return {
    serviceName,
    hostId: `otlp:${hostName ?? serviceName}` as HostId,
    ...(hostName !== undefined && { hostName }),
    ...(pid !== undefined && pid >= 0 && { pid }),
    ...(instance !== undefined && { instance }),
    resourceAttributes: keptAttributes(attributes),
  };
}

function appSpan(span: ReportedSpan, reporter: Reporter, place: (epoch: bigint) => Nanoseconds): AppSpan {
  const { traceId, spanId, parentSpanId, traceState, name, kind, attributes, links } = span;
  const asked = describe(span);
  const start = place(span.startTimeUnixNano);
  const statusCode = asked.statusCode;
  const xRequestIdRequest = textOf(attributes, 'http.request.header.x-request-id', 'http.request.header.x_request_id');
  const xRequestIdResponse = textOf(
    attributes,
    'http.response.header.x-request-id',
    'http.response.header.x_request_id',
  );
  const exception = exceptionOf(span);
  return {
    type: 'app',
    id: idOf(span, reporter),
    ...reporter,
    tapSide: TAP_SIDES[kind] ?? 'app',
    protocol: asked.protocol,
    messageType: 'session',
    oneway: false,
    start,
    // A clock that was set back while the span was open.
    end: Math.max(start, place(span.endTimeUnixNano)) as Nanoseconds,
    ...(asked.method !== undefined && { method: asked.method }),
    resource: cut(asked.resource ?? name),
    endpoint: cut(asked.endpoint ?? name),
    ...(asked.domain !== undefined && { domain: asked.domain }),
    ...(asked.version !== undefined && { version: asked.version }),
    status: statusOf(span, asked.status),
    ...(statusCode !== undefined && { statusCode }),
    ...(exception !== undefined && { exception: cut(exception) }),
    traceIds: [traceId],
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(xRequestIdRequest !== undefined && { xRequestIdRequest }),
    ...(xRequestIdResponse !== undefined && { xRequestIdResponse }),
    name: cut(name),
    ...(traceState !== undefined && { traceState: cut(traceState) }),
    ...(links.length > 0 && {
      reportedLinks: links.slice(0, MAX_KEPT_LINKS).map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    }),
    attributes: keptAttributes(attributes),
  };
}

/** An RPC or a message may have HTTP's attributes as well, for what carries it: the more telling comes first. */
function describe({ attributes }: ReportedSpan): DescribedRequest {
  return (
    describeRpc(attributes) ??
    describeMessaging(attributes) ??
    describeDatabase(attributes) ??
    describeHttp(attributes) ?? { protocol: 'app' }
  );
}

/** The same span reported twice has one id; the two halves of a span that client and server share have two. */
function idOf({ traceId, spanId, kind }: ReportedSpan, { serviceName }: Reporter): SpanId {
  return new Hash64().addText('otlp').addText(traceId).addText(spanId).add(kind).addText(serviceName).hex() as SpanId;
}

/** A status code says whose fault it was; without one, an error is the program's own. Unset means that nothing went wrong. */
function statusOf({ status }: ReportedSpan, told: MessageStatus | undefined): MessageStatus {
  if (told !== undefined && told !== 'ok') return told;
  return status.code === ReportedStatusCode.error ? 'server_error' : 'ok';
}

/** https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/: the last exception event, else what the status says. */
function exceptionOf({ events, status, attributes }: ReportedSpan): string | undefined {
  const thrown = events.findLast(({ name }) => name === 'exception')?.attributes;
  if (thrown !== undefined) {
    const words = [textOf(thrown, 'exception.type'), textOf(thrown, 'exception.message')];
    const text = words.filter((word) => word !== undefined).join(': ');
    if (text !== '') return text;
  }
  if (status.code !== ReportedStatusCode.error) return undefined;
  return status.message || textOf(attributes, 'error.type');
}

function cut(text: string): string {
  return text.length > MAX_KEPT_CHARACTERS ? text.slice(0, MAX_KEPT_CHARACTERS) : text;
}
