import type { Attribution } from '../attribution/attribution';
import type { HostId, Nanoseconds, SpanId, SystraceId, TcpSeq } from '../base/brand';
import type { Endpoint, SocketInfo } from '../event/event-block';
import type { MessageStatus, QueueMessages } from '../message/message';
import type { L7Protocol } from '../protocol/l7-protocol';
import type { TcpMetrics } from '../stream/tcp-metrics';
import type { KeptAttributes } from './app-span/attributes';

export type SysTapSide = 'c-p' | 's-p';
/** Observation points of packets, in rank order along the path from client to server. */
export const NET_TAP_SIDES = ['c', 'c-nd', 'c-hv', 'c-gw-hv', 'c-gw', 's-gw', 's-gw-hv', 's-hv', 's-nd', 's'] as const;
export type NetTapSide = (typeof NET_TAP_SIDES)[number];
export type AppTapSide = 'c-app' | 's-app' | 'app';
export type TapSide = SysTapSide | NetTapSide | AppTapSide;

/** `session` = request and response; `request`/`response` = only that half was seen. One-way messages are `request` with `oneway`. */
export type SpanMessageType = 'session' | 'request' | 'response';

/** Why a span lacks a half. */
export type IncompleteReason =
  | 'no-response-seen'
  | 'no-request-seen'
  | 'connection-closed'
  | 'older-than-capture'
  | 'still-open';

/** `app`: work within an application, or by a protocol that has no name here. */
export type SpanProtocol = L7Protocol | 'app';

interface SpanBase {
  readonly id: SpanId;
  readonly hostId: HostId;
  readonly protocol: SpanProtocol;
  readonly messageType: SpanMessageType;
  /** No response is expected: a one-way message. */
  readonly oneway: boolean;
  readonly incomplete?: IncompleteReason;
  /** First byte of the request … last byte of the response that was seen. */
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** First byte of the response. */
  readonly firstResponseByte?: Nanoseconds;
  readonly method?: string;
  readonly resource?: string;
  readonly endpoint?: string;
  readonly domain?: string;
  readonly version?: string;
  readonly requestId?: number;
  readonly status: MessageStatus;
  readonly statusCode?: number | string;
  readonly exception?: string;
  readonly traceIds: readonly string[];
  readonly spanId?: string;
  readonly parentSpanId?: string;
  /** W3C tracestate: what vendors add to the trace context. */
  readonly traceState?: string;
  /** X-Request-ID "0" and "1" of the rules: in the request, in the response. */
  readonly xRequestIdRequest?: string;
  readonly xRequestIdResponse?: string;
  /** What it put into a message queue, or took out. */
  readonly queueMessages?: QueueMessages;
}

interface NetworkSpanBase extends SpanBase {
  readonly protocol: L7Protocol;
  /** Client's and server's end of the connection, whatever side observed it. */
  readonly src: Endpoint;
  readonly dst: Endpoint;
  readonly tcpSeqRequest?: TcpSeq;
  readonly tcpSeqResponse?: TcpSeq;
  readonly requestLength?: number;
  readonly responseLength?: number;
  /** Some payload of the request or response was not captured. */
  readonly truncated: boolean;
  /** From the end of the connection's message before to the span's end; absent without TCP. */
  readonly tcp?: TcpMetrics;
}

/**
 * When a connection was asked for and when it ended, with the turns of the thread's event loop in which that was. All
 * spans of the connection share it, and the end is filled in when it comes.
 */
export interface ConnectionLife {
  connected?: LoopMoment;
  ended?: LoopMoment;
}

export interface LoopMoment {
  readonly time: Nanoseconds;
  readonly tid: number;
  readonly loopTurn: number | undefined;
}

/** A request as a process saw it through system calls. */
export interface SysSpan extends NetworkSpanBase {
  readonly type: 'sys';
  readonly tapSide: SysTapSide;
  readonly pid: number;
  /** Thread of the request's first byte. */
  readonly tid: number;
  /** Thread of the response's first byte. */
  readonly responseTid?: number;
  readonly comm: string;
  /** Goroutine ancestor for Go; absent elsewhere. */
  readonly pseudoThreadId?: number;
  /** Read through a TLS library; what went over the wire was encrypted. */
  readonly tls?: true;
  readonly socket: SocketInfo;
  readonly systraceIdRequest?: SystraceId;
  readonly systraceIdResponse?: SystraceId;
  /** First request of a connection: the id that was open in the thread which called `connect`. */
  readonly systraceIdConnect?: SystraceId;
  /** Turns of the thread's event loop in which the request and the response came or went, from 1; absent = it has none. */
  readonly loopTurnRequest?: number;
  readonly loopTurnResponse?: number;
  /** Of a call: what became of its connection, as far as it was seen. */
  readonly connection?: ConnectionLife;
  /** For which request of its process the call was made, reasoned from the whole capture; see `attributeCalls`. */
  readonly attribution?: Attribution;
  /** Ordinals of the raw events behind the span, request then response. */
  readonly requestEvents: readonly number[];
  readonly responseEvents: readonly number[];
}

/** A request as packets on an interface showed it. */
export interface NetSpan extends NetworkSpanBase {
  readonly type: 'net';
  readonly tapSide: NetTapSide;
  readonly interfaceName: string;
}

/** A span that an application reported itself (OTLP). */
export interface AppSpan extends SpanBase {
  readonly type: 'app';
  readonly tapSide: AppTapSide;
  readonly serviceName: string;
  readonly pid?: number;
  /** What the application calls the span; `resource` and `endpoint` too where its attributes name no other. */
  readonly name?: string;
  /** As the application names its host: `host.name`. */
  readonly hostName?: string;
  /** Tells copies of a service apart: `service.instance.id`. */
  readonly instance?: string;
  /** Spans that this one names as causes beside its parent: OTLP's span links. */
  readonly reportedLinks?: readonly { readonly traceId: string; readonly spanId: string }[];
  /** Of the span and of its resource: the first MAX_KEPT_ATTRIBUTES of each. */
  readonly attributes?: KeptAttributes;
  readonly resourceAttributes?: KeptAttributes;
}

export type Span = SysSpan | NetSpan | AppSpan;
