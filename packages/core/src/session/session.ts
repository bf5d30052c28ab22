import type { GrowingMessage } from '../message/open-message';

/** A request and its response on one connection, either of which may be missing. */
export interface Session {
  request: GrowingMessage | undefined;
  response: GrowingMessage | undefined;
  /** Time slot of the request; see `TimeSlots`. */
  slot: number;
}
