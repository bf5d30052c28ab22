import { Fifo } from '../base/fifo';
import type { Transport } from '../event/event-block';
import type { GrowingMessage } from '../message/open-message';
import type { IncompleteReason } from '../span/span';
import { MAX_WAITING } from '../stream/limits';
import type { Session } from './session';
import { hasLeftWindow, slotOf } from './time-slots';

export interface SessionOutput {
  /** Each session once, when it is whole or when nothing can complete it any more. */
  session(session: Session, incomplete: IncompleteReason | undefined): void;
  /** A limit was reached, and something given up for it. */
  limited(): void;
}

/**
 * Pairs the requests and responses of one connection: by order, or by the number that both carry.
 *
 * A request waits in a window of two time slots, its own and the next. What is left over then gets a second pass on
 * connections that can end: a long poll may still be answered, and the close settles the rest. A datagram's sender gives
 * up much earlier, so there a leftover is unanswered at once.
 */
export class SessionTable {
  private readonly queue = new Fifo<Session>();
  private readonly byId = new Map<number, Session>();
  private requestSeen = false;

  constructor(
    private readonly pairing: 'order' | 'id',
    private readonly transport: Transport,
    /** The connection existed before the capture. */
    private readonly preexisting: boolean,
    private readonly output: SessionOutput,
  ) {}

  get waiting(): number {
    return this.pairing === 'order' ? this.queue.length : this.byId.size;
  }

  /** A message began. Interim responses belong to no session. */
  began(message: GrowingMessage, interim: boolean): Session | undefined {
    if (interim) return undefined;
    if (message.type === 'response') {
      const session = this.take(message) ?? { request: undefined, response: undefined, slot: 0 };
      session.response = message;
      return session;
    }
    const session: Session = { request: message, response: undefined, slot: slotOf(message.time) };
    if (message.type === 'request') this.put(session, message);
    return session;
  }

  /** A message ended: a response settles its session, a one-way message is one by itself. */
  ended(message: GrowingMessage, session: Session | undefined, refuses: number): void {
    if (session === undefined || message.type === 'request') return;
    if (session.request === undefined) {
      this.output.session(session, this.requestSeen || !this.preexisting ? 'no-request-seen' : 'older-than-capture');
    } else {
      this.output.session(session, undefined);
    }
    for (let i = 0; i < refuses; i += 1) this.giveUpFirst('no-response-seen');
  }

  /** Nothing that waits will be answered. */
  giveUp(reason: IncompleteReason): void {
    while (this.queue.length > 0) this.giveUpFirst(reason);
    const rest = [...this.byId.values()];
    this.byId.clear();
    for (const session of rest) this.output.session(session, reason);
  }

  /** The request of this number will not be answered. */
  giveUpNumber(id: number, reason: IncompleteReason): void {
    const session = this.byId.get(id);
    if (session === undefined) return;
    this.byId.delete(id);
    this.output.session(session, reason);
  }

  /** Takes the requests that wait in a queue although they have a number: the next protocol pairs by it. */
  takeNumbered(): readonly Session[] {
    const waiting = [...this.queue];
    const numbered = waiting.filter(({ request }) => request?.fields.requestId !== undefined);
    this.queue.replace(waiting.filter((session) => !numbered.includes(session)));
    return numbered;
  }

  /** Goes on waiting where another table stopped. */
  inherit(sessions: readonly Session[]): void {
    for (const session of sessions) this.put(session, session.request!);
  }

  /** Time has moved on to slot `current`. */
  expire(current: number): void {
    if (this.transport !== 'udp') return;
    while (this.queue.length > 0 && hasLeftWindow(this.queue.first!.slot, current))
      this.giveUpFirst('no-response-seen');
    for (const [id, session] of this.byId) {
      if (!hasLeftWindow(session.slot, current)) continue;
      this.byId.delete(id);
      this.output.session(session, 'no-response-seen');
    }
  }

  private put(session: Session, message: GrowingMessage): void {
    this.requestSeen = true;
    const id = message.fields.pairingKey ?? message.fields.requestId;
    if (this.pairing === 'order' || id === undefined) {
      this.queue.push(session);
      if (this.queue.length <= MAX_WAITING) return;
      this.output.limited();
      this.giveUpFirst('no-response-seen');
      return;
    }
    const earlier = this.byId.get(id);
    // The number is used again: the earlier request was given up, or this is it once more.
    if (earlier !== undefined) {
      this.byId.delete(id);
      this.output.session(earlier, 'no-response-seen');
    }
    this.byId.set(id, session);
    if (this.byId.size <= MAX_WAITING) return;
    this.output.limited();
    this.giveUpOldest();
  }

  private take(message: GrowingMessage): Session | undefined {
    if (this.pairing === 'order') return this.queue.shift();
    const id = message.fields.pairingKey ?? message.fields.requestId;
    if (id === undefined) return undefined;
    const session = this.byId.get(id);
    if (session !== undefined) this.byId.delete(id);
    return session;
  }

  private giveUpFirst(reason: IncompleteReason): void {
    const session = this.queue.shift();
    if (session !== undefined) this.output.session(session, reason);
  }

  private giveUpOldest(): void {
    const [oldest] = this.byId;
    if (oldest === undefined) return;
    this.byId.delete(oldest[0]);
    this.output.session(oldest[1], 'no-response-seen');
  }
}
