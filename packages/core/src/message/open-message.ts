import type { EventMark } from '../event/event-mark';
import type { Session } from '../session/session';
import { MAX_EVENTS_PER_MESSAGE, type Message } from './message';

/** A message while its bytes are still coming. */
export type GrowingMessage = { -readonly [Name in keyof Message]: Message[Name] } & { readonly events: number[] };

/** The message that is open on one channel of one direction, if any. The object is used again for the next one. */
export class OpenMessage {
  message: GrowingMessage | undefined = undefined;
  /** What it is part of; none for one-way and interim messages. */
  session: Session | undefined = undefined;
  /** Requests refused along with the one that it answers. */
  refuses = 0;

  constructor(readonly channel = 0) {}

  /** `length` more bytes of the message came with this event. */
  grow(length: number, mark: EventMark): void {
    const message = this.message;
    if (message === undefined) return;
    message.length += length;
    if (mark.time > message.endTime) message.endTime = mark.time;
    const { events } = message;
    if (events.length < MAX_EVENTS_PER_MESSAGE && events[events.length - 1] !== mark.ordinal) events.push(mark.ordinal);
  }
}
