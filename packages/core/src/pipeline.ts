import type { HostId } from './base/brand';
import type { EventBlock } from './event/event-block';
import type { StateSnapshot } from './event/state';
import type { Message } from './message/message';
import type { ProtocolParser } from './protocol/protocol-parser';
import type { Span } from './span/span';

export interface PipelineOutput {
  /** Each message as it is read, in the order of its last byte's event. */
  onMessage?(message: Message): void;
  /** Each span once, when it is complete or when nothing can complete it any more. */
  onSpan?(span: Span): void;
  /** A user's own parser threw, or answered what no parser may; told each time. */
  onParserError?(protocol: string, error: unknown): void;
}

export interface PipelineOptions {
  /** Parsers of the user's own, asked before the built-in ones and in this order. They may throw. */
  readonly ownParsers?: readonly ProtocolParser[];
}

/** What was and was not seen, for `{"kind":"coverage"}` and the capture overview. Counts since the pipeline was made. */
export interface Coverage {
  readonly events: number;
  readonly dataEvents: number;
  readonly messages: number;
  readonly spans: number;
  readonly incompleteSpans: number;
  readonly sockets: number;
  /** Sockets that existed before the capture. */
  readonly preexistingSockets: number;
  /** Sockets with payload that no parser recognised. */
  readonly unknownSockets: number;
  /** Sockets carrying TLS records: encrypted, so opaque. */
  readonly opaqueTlsSockets: number;
  readonly truncatedMessages: number;
  /** Bytes that were moved but lie in holes no parser could skip. */
  readonly lostBytes: number;
  /** From the capture's loss reports. */
  readonly droppedEvents: number;
  /** Times that a user's own parser failed; each time its connection was left alone, or another parser asked. */
  readonly parserErrors: number;
  /** Times that more was to be kept for one connection than may be (stream/limits.ts): something was then counted as lost, cut or unanswered. */
  readonly limitsReached: number;
}

/** Kernel events in, spans out: event → message → session → span. One object replays one or more hosts; hosts never mix. */
export interface Pipeline {
  push(block: EventBlock): void;
  snapshot(hostId: HostId, state: StateSnapshot): void;
  loss(hostId: HostId, droppedEvents: number): void;
  /** Everything still open becomes an incomplete span. Nothing may be pushed afterwards. */
  end(): void;
  coverage(): Coverage;
}
