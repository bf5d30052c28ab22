import type { HostId, Nanoseconds, SpanId } from '../base/brand';
import { Hash64 } from '../base/hash';
import { Direction, type SocketInfo } from '../event/event-block';
import { MAX_QUEUE_NAMES, type Message, type MessageFields, type QueueMessages } from '../message/message';
import type { Session } from '../session/session';
import type { TcpMetrics } from '../stream/tcp-metrics';
import type { ConnectionLife, IncompleteReason, NetSpan, NetTapSide, SysSpan } from './span';

/**
 * A span with every field there that one of either type has, those that are not known as undefined. Readers cannot tell,
 * and a million objects of one shape are made and read twice as fast as the same with the fields that happen to be known.
 */
type EveryField = {
  [Name in keyof Required<SysSpan & NetSpan>]:
    | SysSpan[Name & keyof SysSpan]
    | NetSpan[Name & keyof NetSpan]
    | undefined;
};

/** Who saw the messages of a connection: a process through system calls, or an interface that the packets passed. */
export interface Observer {
  readonly hostId: HostId;
  /** See `spanIdSeed`. */
  readonly seed: Hash64;
  /** The bytes are those that a TLS library took and gave. */
  readonly tls: boolean;
  /** Absent = system calls were seen. */
  readonly interfaceName: string | undefined;
}

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

/**
 * The span of a session, or of the half that was seen. `tcp`: how the connection did meanwhile. `life`: of
 * calls, when the connection began and ended.
 */
export function sessionSpan(
  { hostId, seed, tls, interfaceName }: Observer,
  { request, response }: Session,
  incomplete: IncompleteReason | undefined,
  tcp: TcpMetrics | undefined,
  life: ConnectionLife | undefined,
): SysSpan | NetSpan {
  const first = (request ?? response)!;
  const last = (response ?? request)!;
  const atServer =
    request !== undefined ? request.direction === Direction.ingress : last.direction === Direction.egress;
  const { socket } = first;
  // Packets tell no process, and so nothing of what it did.
  const calls = interfaceName === undefined;
  const thread = calls ? first.thread : undefined;
  // What was asked is the request's to say, how it went and in which version the response's.
  const asked = first.fields;
  const answered = response?.fields;
  const span: EveryField = {
    type: calls ? 'sys' : 'net',
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
    tapSide: calls ? (atServer ? 's-p' : 'c-p') : observationPoint(atServer, socket),
    pid: thread?.pid,
    tid: thread?.tid,
    responseTid: calls ? response?.thread.tid : undefined,
    comm: thread?.comm,
    pseudoThreadId: thread?.pseudoThread,
    tls: tls ? true : undefined,
    socket: calls ? socket : undefined,
    systraceIdRequest: calls ? request?.systraceId : undefined,
    systraceIdResponse: calls ? response?.systraceId : undefined,
    systraceIdConnect: calls ? request?.systraceIdConnect : undefined,
    loopTurnRequest: calls ? request?.loopTurn : undefined,
    loopTurnResponse: calls ? response?.loopTurn : undefined,
    connection: atServer ? undefined : life,
    attribution: undefined,
    requestEvents: calls ? (request?.events ?? NO_EVENTS) : undefined,
    responseEvents: calls ? (response?.events ?? NO_EVENTS) : undefined,
    interfaceName,
    tcp,
  };
  return span as SysSpan | NetSpan;
}

/** The end that the flow is seen from gives the side, the interface's place the rest. */
function observationPoint(atServer: boolean, { observation }: SocketInfo): NetTapSide {
  const end = atServer ? 's' : 'c';
  return observation === undefined ? end : `${end}-${observation}`;
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
