import type { Nanoseconds, SystraceId, TcpSeq } from '../base/brand';
import type { Direction, SocketInfo, SocketRole, ThreadInfo } from '../event/event-block';
import type { L7Protocol } from '../protocol/l7-protocol';

export type MessageType = 'request' | 'response' | 'oneway';
export type MessageStatus = 'ok' | 'client_error' | 'server_error' | 'unknown';

/**
 * A name that a message of a queue bears at the producer's and at the consumer's connection alike: its place in the log
 * (topic, partition, offset), an id that the producer gave it, or a digest of where it went and what it holds. Values
 * begin with the protocol's name, as two brokers may use the same ids.
 */
export interface QueueMessageName {
  readonly basis: 'position' | 'id' | 'content';
  readonly value: string;
}

/** What a program put into a queue (`publish`), was sent out of one (`deliver`), or asked one for (`fetch`). */
export interface QueueMessages {
  readonly action: 'publish' | 'deliver' | 'fetch';
  /** At most MAX_QUEUE_NAMES: a batch may hold thousands. A message may have a name on each basis. */
  readonly names: readonly QueueMessageName[];
}

export const MAX_QUEUE_NAMES = 32;

/** What a protocol parser read out of a message. Every field absent = not known. */
export interface MessageFields {
  readonly version?: string;
  /** HTTP method, SQL verb, Redis command, DNS query type … */
  readonly method?: string;
  /** What was asked for, in full: path with query, SQL text, Redis command line, DNS name. */
  readonly resource?: string;
  /** `resource` made low-cardinal: path without ids or query, SQL without literals. */
  readonly endpoint?: string;
  /** Host asked for: HTTP Host, TLS SNI, database name. */
  readonly domain?: string;
  /** Pairs request and response in parallel protocols: DNS id, HTTP/2 stream id. */
  readonly requestId?: number;
  /** Pairs request and response where `requestId` does not: ids that each side counts for itself, order within a channel. */
  readonly pairingKey?: number;
  /** Only tells that the other side is alive: a message, but no work, so that it makes no span. */
  readonly heartbeat?: true;
  readonly statusCode?: number | string;
  readonly status?: MessageStatus;
  readonly exception?: string;
  readonly traceIds?: readonly string[];
  readonly spanId?: string;
  readonly parentSpanId?: string;
  /** What vendors add to a W3C trace context, as sent. */
  readonly traceState?: string;
  readonly xRequestId?: string;
  readonly queueMessages?: QueueMessages;
}

/** One application-layer message on one socket, as one host saw it. */
export interface Message {
  readonly type: MessageType;
  readonly protocol: L7Protocol;
  readonly direction: Direction;
  readonly socket: SocketInfo;
  /** The socket's role as known when the message was read; the socket's own `role` may have been unknown. */
  readonly role: SocketRole;
  /** The thread that moved the message's first byte. */
  readonly thread: ThreadInfo;
  /** Of the first byte: egress = system call enter, ingress = system call exit. */
  readonly time: Nanoseconds;
  /** Of the last byte that was seen, by the same rule. */
  readonly endTime: Nanoseconds;
  /** Sequence number of the message's own first byte; absent where the transport has none. */
  readonly tcpSeq?: TcpSeq;
  /** Bytes on the wire as far as known, captured or not. */
  readonly length: number;
  /** Some of the bytes were not captured, so fields may be missing. */
  readonly truncated: boolean;
  /** The message heads the connection older than the capture, or other doubts, do not matter here; this one does: its first bytes were not seen. */
  readonly headless: boolean;
  /** Ordinals of the events that carried it, first to last; capped at MAX_EVENTS_PER_MESSAGE. */
  readonly events: readonly number[];
  /** Absent when an egress had no open id. */
  readonly systraceId?: SystraceId;
  /** First message of a connection: the id that was open in the thread which called `connect`. */
  readonly systraceIdConnect?: SystraceId;
  /** The turn of the thread's event loop, from 1, in which the first byte passed. */
  readonly loopTurn?: number;
  readonly fields: MessageFields;
}

/** A message keeps at most this many event ordinals: enough to show its head; a large body's rest is counted, not listed. */
export const MAX_EVENTS_PER_MESSAGE = 64;
