import type { HostId, Nanoseconds, SpanId } from '../base/brand';
import { Hash64 } from '../base/hash';
import { Direction, type SocketInfo } from '../event/event-block';
import type { Message, MessageFields } from '../message/message';
import type { Session } from '../session/session';
import type { IncompleteReason, SysSpan } from './span';

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

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
): SysSpan {
  const { request, response } = session;
  const first = (request ?? response)!;
  const last = (response ?? request)!;
  const atServer =
    request !== undefined ? request.direction === Direction.ingress : last.direction === Direction.egress;
  const { socket, thread } = first;
  const span: Mutable<SysSpan> = {
    type: 'sys',
    id: spanId(seed, first),
    hostId,
    protocol: first.protocol,
    messageType: request === undefined ? 'response' : response === undefined ? 'request' : 'session',
    oneway: first.type === 'oneway',
    start: first.time,
    end: Math.max(last.endTime, first.time) as Nanoseconds,
    status: response?.fields.status ?? request?.fields.status ?? 'unknown',
    traceIds: traceIds(request?.fields, response?.fields),
    src: atServer ? socket.remote : socket.local,
    dst: atServer ? socket.local : socket.remote,
    truncated: (request?.truncated ?? false) || (response?.truncated ?? false),
    tapSide: atServer ? 's-p' : 'c-p',
    pid: thread.pid,
    tid: thread.tid,
    comm: thread.comm,
    socket,
    requestEvents: request?.events ?? NO_EVENTS,
    responseEvents: response?.events ?? NO_EVENTS,
  };
  if (incomplete !== undefined) span.incomplete = incomplete;
  addFields(span, first.fields, response?.fields);
  if (request !== undefined) {
    if (request.fields.xRequestId !== undefined) span.xRequestIdRequest = request.fields.xRequestId;
    if (request.tcpSeq !== undefined) span.tcpSeqRequest = request.tcpSeq;
    if (request.systraceId !== undefined) span.systraceIdRequest = request.systraceId;
    span.requestLength = request.length;
  }
  if (response !== undefined) {
    span.firstResponseByte = response.time;
    if (response.fields.xRequestId !== undefined) span.xRequestIdResponse = response.fields.xRequestId;
    if (response.tcpSeq !== undefined) span.tcpSeqResponse = response.tcpSeq;
    if (response.systraceId !== undefined) span.systraceIdResponse = response.systraceId;
    span.responseLength = response.length;
  }
  return span;
}

/** What was asked is the request's to say, how it went the response's. */
function addFields(span: Mutable<SysSpan>, asked: MessageFields, answered: MessageFields | undefined): void {
  const method = asked.method ?? answered?.method;
  if (method !== undefined) span.method = method;
  const resource = asked.resource ?? answered?.resource;
  if (resource !== undefined) span.resource = resource;
  const endpoint = asked.endpoint ?? answered?.endpoint;
  if (endpoint !== undefined) span.endpoint = endpoint;
  const domain = asked.domain ?? answered?.domain;
  if (domain !== undefined) span.domain = domain;
  const version = asked.version ?? answered?.version;
  if (version !== undefined) span.version = version;
  const requestId = asked.requestId ?? answered?.requestId;
  if (requestId !== undefined) span.requestId = requestId;
  const statusCode = answered?.statusCode ?? asked.statusCode;
  if (statusCode !== undefined) span.statusCode = statusCode;
  const exception = answered?.exception ?? asked.exception;
  if (exception !== undefined) span.exception = exception;
  const inner = asked.spanId ?? answered?.spanId;
  if (inner !== undefined) span.spanId = inner;
  const parent = asked.parentSpanId ?? answered?.parentSpanId;
  if (parent !== undefined) span.parentSpanId = parent;
}

function traceIds(asked: MessageFields | undefined, answered: MessageFields | undefined): readonly string[] {
  const a = asked?.traceIds;
  const b = answered?.traceIds;
  if (a === undefined) return b ?? NO_TRACE_IDS;
  return b === undefined ? a : [...new Set([...a, ...b])];
}
