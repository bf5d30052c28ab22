import {
  type AssembledTrace,
  type Coverage,
  Direction,
  type HostClock,
  type Message,
  type ParentLink,
  type Span,
  type SpanLink,
  type TimeOrigin,
} from '@causeway/core';
import { endpointText } from './endpoint-text';
import { epochNs } from './time-text';

/**
 * One object a line, for programs. Times are nanoseconds since the Unix epoch as decimal strings; a member that is not
 * known is absent; members stand in the order given here. `packet`: number of the frame with the message's first byte.
 */
export function messageLine(message: Message, origin: TimeOrigin, packet?: number): string {
  const { fields, socket } = message;
  const egress = message.direction === Direction.egress;
  return JSON.stringify({
    ts: epochNs(message.time, origin),
    packet,
    socket: socket.id,
    // From whom to whom the message went, whichever end saw it.
    src: endpointText(egress ? socket.local : socket.remote),
    dst: endpointText(egress ? socket.remote : socket.local),
    direction: egress ? 'egress' : 'ingress',
    type: message.type,
    protocol: message.protocol,
    version: fields.version,
    method: fields.method,
    resource: fields.resource,
    endpoint: fields.endpoint,
    domain: fields.domain,
    requestId: fields.requestId,
    statusCode: fields.statusCode,
    status: fields.status,
    exception: fields.exception,
    traceIds: fields.traceIds ?? [],
    spanId: fields.spanId,
    parentSpanId: fields.parentSpanId,
    traceState: fields.traceState,
    xRequestId: fields.xRequestId,
    tcpSeq: message.tcpSeq,
    length: message.length,
    truncated: message.truncated,
  });
}

export function spanLine(span: Span, origin: TimeOrigin): string {
  const sys = span.type === 'sys' ? span : undefined;
  const app = span.type === 'app' ? span : undefined;
  const network = span.type === 'app' ? undefined : span;
  return JSON.stringify({
    kind: 'span',
    id: span.id,
    type: span.type,
    tapSide: span.tapSide,
    protocol: span.protocol === 'app' ? undefined : span.protocol,
    tls: sys?.tls,
    method: span.method,
    resource: span.resource,
    endpoint: span.endpoint,
    domain: span.domain,
    status: span.status,
    statusCode: span.statusCode,
    messageType: span.messageType,
    startNs: epochNs(span.start, origin),
    endNs: epochNs(span.end, origin),
    hostId: span.hostId,
    pid: span.type === 'net' ? undefined : span.pid,
    tid: sys?.tid,
    pseudoThreadId: sys?.pseudoThreadId,
    comm: sys?.comm,
    socket: sys?.socket.id,
    src: network && endpointText(network.src),
    dst: network && endpointText(network.dst),
    systraceIdRequest: sys?.systraceIdRequest,
    systraceIdResponse: sys?.systraceIdResponse,
    xRequestIdRequest: span.xRequestIdRequest,
    xRequestIdResponse: span.xRequestIdResponse,
    tcpSeqRequest: network?.tcpSeqRequest,
    tcpSeqResponse: network?.tcpSeqResponse,
    tcp: network?.tcp,
    traceIds: span.traceIds,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    incomplete: span.incomplete,
    exception: app?.exception,
    service: app?.serviceName,
    name: app?.name,
    instance: app?.instance,
    hostName: app?.hostName,
    traceState: span.traceState,
    reportedLinks: app?.reportedLinks,
    attributes: app?.attributes,
  });
}

/** `name`: the rule's, as in the rules table. */
export function linkLine(link: ParentLink, name: string): string {
  const { child, parent, rule, strength, probability, evidence } = link;
  const { matched, conditions } = evidence;
  return JSON.stringify({
    kind: 'link',
    child,
    parent,
    rule,
    name,
    strength,
    probability,
    evidence: { matched, conditions },
  });
}

/** `from` the producer's span `to` the consumer's, which may be of different traces. */
export function spanLinkLine(link: SpanLink, name: string): string {
  const { from, to, rule, strength, probability, evidence } = link;
  const { matched, conditions } = evidence;
  return JSON.stringify({
    kind: 'spanlink',
    from,
    to,
    rule,
    name,
    strength,
    probability,
    evidence: { matched, conditions },
  });
}

export function traceLine(trace: AssembledTrace): string {
  return JSON.stringify({ kind: 'trace', id: trace.id, root: trace.root, spans: trace.spans.map((span) => span.id) });
}

/** `shiftNs` is to be added to the host's times; any from `earliestNs` to `latestNs` would do (absent = no bound). */
export function clockLine(clock: HostClock): string {
  const { host, against, shift, earliest, latest, pairs, ignored } = clock;
  return JSON.stringify({
    kind: 'clock',
    host,
    against,
    shiftNs: shift,
    earliestNs: earliest,
    latestNs: latest,
    links: pairs,
    ignored,
  });
}

export function coverageLine(coverage: Coverage): string {
  return JSON.stringify({ kind: 'coverage', ...coverage });
}
