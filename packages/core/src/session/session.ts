import type { GrowingMessage } from '../message/open-message';
import type { TcpCounters } from '../stream/tcp-metrics';

/** A request and its response on one connection, either of which may be missing. */
export interface Session {
  request: GrowingMessage | undefined;
  response: GrowingMessage | undefined;
  /** Time slot of the request; see `TimeSlots`. */
  slot: number;
  /** How its connection had fared when the message before it ended. */
  tcpBefore?: TcpCounters | undefined;
}
