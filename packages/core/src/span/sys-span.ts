import type { HostId, Nanoseconds, SpanId } from '../base/brand';
import { Hash64 } from '../base/hash';
import { Direction, type SocketInfo } from '../event/event-block';
import { MAX_QUEUE_NAMES, type Message, type MessageFields, type QueueMessages } from '../message/message';
import type { Session } from '../session/session';
import type { IncompleteReason, SysSpan } from './span';

/**
 * A span with every field there, those that are not known as undefined. Readers cannot tell, and a million objects of
 * one shape are made and read twice as fast as the same with the fields that happen to be known.
 */
type EveryField<T> = { [Name in keyof Required<T>]: T[Name] | undefined };

const NO_EVENTS: readonly number[] = [];
const NO_TRACE_IDS: readonly string[] = [];

/** Seed of the span ids of one socket. */
export function spanIdSeed(hostId: HostId, socket: SocketInfo): Hash64 {
  return new Hash64().addText(hostId).addText(socket.id).add(socket.remote.port).addText(socket.remote.address);
}

/** Names a span by where and when its first byte passed: the same bytes give the same name in every replay. */
function spanId(seed: Hash64, first: Message): SpanId {
  return new Hash64(seed)
    .add(first.tcpSeq ?? first.fields.requestId ?? 0)
    .add(first.direction)
    .add(Math.round(first.time))
    .hex() as SpanId;
}

/** The span of a session, or of the half that was seen. */
export function sysSpan(
  hostId: HostId,
  seed: Hash64,
  session: Session,
  incomplete: IncompleteReason | undefined,
  tls = false,
): SysSpan {
  const { request, response } = session;
  const first = (request ?? response)!;
  const last = (response ?? request)!;
  const atServer =
    request !== undefined ? request.direction === Direction.ingress : last.direction === Direction.egress;
  const { socket, thread } = first;
  // What was asked is the request's to say, how it went and in which version the response's.
  const asked = first.fields;
  const answered = response?.fields;
  const span: EveryField<SysSpan> = {
    type: 'sys',
    id: spanId(seed, first),
    hostId,
    // The response knows as much as the request, or more: gRPC may show there first, and an upgrade lies between.
    protocol: last.protocol,
    messageType: request === undefined ? 'response' : response === undefined ? 'request' : 'session',
    oneway: first.type === 'oneway',
    incomplete,
    start: first.time,
    end: Math.max(last.endTime, first.time) as Nanoseconds,
    firstResponseByte: response?.time,
    method: asked.method ?? answered?.method,
    resource: asked.resource ?? answered?.resource,
    endpoint: asked.endpoint ?? answered?.endpoint,
    domain: asked.domain ?? answered?.domain,
    version: answered?.version ?? asked.version,
    requestId: asked.requestId ?? answered?.requestId,
    status: answered?.status ?? asked.status ?? 'unknown',
    statusCode: answered?.statusCode ?? asked.statusCode,
    exception: answered?.exception ?? asked.exception,
    traceIds: traceIds(request?.fields, answered),
    spanId: asked.spanId ?? answered?.spanId,
    parentSpanId: asked.parentSpanId ?? answered?.parentSpanId,
    traceState: asked.traceState ?? answered?.traceState,
    xRequestIdRequest: request?.fields.xRequestId,
    xRequestIdResponse: answered?.xRequestId,
    queueMessages: queueMessages(asked, answered),
    src: atServer ? socket.remote : socket.local,
    dst: atServer ? socket.local : socket.remote,
    tcpSeqRequest: request?.tcpSeq,
    tcpSeqResponse: response?.tcpSeq,
    requestLength: request?.length,
    responseLength: response?.length,
    truncated: (request?.truncated ?? false) || (response?.truncated ?? false),
    tapSide: atServer ? 's-p' : 'c-p',
    pid: thread.pid,
    tid: thread.tid,
    responseTid: response?.thread.tid,
    comm: thread.comm,
    pseudoThreadId: thread.pseudoThread,
    tls: tls ? true : undefined,
    socket,
    systraceIdRequest: request?.systraceId,
    systraceIdResponse: response?.systraceId,
    systraceIdConnect: request?.systraceIdConnect,
    attribution: undefined,
    requestEvents: request?.events ?? NO_EVENTS,
    responseEvents: response?.events ?? NO_EVENTS,
  };
  return span as SysSpan;
}

/** Of a publish the response may know more (the offset that the log gave it), so the names of both count. */
function queueMessages(asked: MessageFields, answered: MessageFields | undefined): QueueMessages | undefined {
  const a = asked.queueMessages;
  const b = answered?.queueMessages;
  if (a === undefined || b === undefined || a === b) return a ?? b;
  return { action: a.action, names: [...a.names, ...b.names].slice(0, MAX_QUEUE_NAMES) };
}

function traceIds(asked: MessageFields | undefined, answered: MessageFields | undefined): readonly string[] {
  const a = asked?.traceIds;
  const b = answered?.traceIds;
  if (a === undefined) return b ?? NO_TRACE_IDS;
  return b === undefined ? a : [...new Set([...a, ...b])];
}
