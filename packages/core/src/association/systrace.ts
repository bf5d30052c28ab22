import type { SystraceId } from '../base/brand';
import { Direction } from '../event/event-block';

/** After so many turns an event counts from 1 again. */
const LOOP_TURNS = 255;

/**
 * The systrace state machine: which messages did one thread handle as one piece of work? Kept per thread and fed with
 * the first byte of each message, in the order in which the thread moved them.
 *
 * A thread is in one of three states: nothing yet; its last message came in from socket S under id T; its last message
 * went out under id T, or under none.
 * - A message comes in, and the last one came in from the same socket: it keeps T (a pipeline, or a request after another).
 * - A message comes in otherwise (the last one went out, or came in from another socket, or there was none): new id.
 * - A message goes out: it takes T, whatever went out before it (one request fanned out to several). T stays.
 *   With no id yet, it gets none.
 * So the response that came in and the message that it caused share an id, and a reused thread is cut up by time.
 *
 * Example, one thread of a server: request A in T1 · call B out T1 · B's answer in T2 · call C out T2 · C's answer in
 * T3 · A's answer out T3. Hence A has (T1, T3), B (T1, T2), C (T2, T3).
 */
export class ThreadTrace {
  private id: SystraceId | undefined = undefined;
  private lastDirection: Direction = Direction.none;
  private lastSocket: unknown = undefined;
  private steps = 0;
  private loopTurn = 0;
  private lastCount = 0;
  /** The state before the last step. */
  private earlierId: SystraceId | undefined = undefined;
  private earlierDirection: Direction = Direction.none;
  private earlierSocket: unknown = undefined;

  constructor(private readonly source: SystraceSource) {}

  /**
   * The turn of the thread's event loop in which it does something now, from 1. `count`: as an event says it, 1 to 255 round
   * and round; 0 = not known.
   */
  loopTurnAt(count: number): number | undefined {
    if (count === 0) return undefined;
    this.loopTurn += this.lastCount === 0 ? 1 : (count - this.lastCount + LOOP_TURNS) % LOOP_TURNS;
    this.lastCount = count;
    return this.loopTurn;
  }

  /** The id that a message going out now would take. */
  get openId(): SystraceId | undefined {
    return this.id;
  }

  /** The id of a message whose first byte this thread moved now. `socket`: anything that is the same for the same socket. */
  message(direction: Direction, socket: unknown): SystraceId | undefined {
    const continues = this.lastDirection === Direction.ingress && this.lastSocket === socket;
    this.steps += 1;
    this.earlierId = this.id;
    this.earlierDirection = this.lastDirection;
    this.earlierSocket = this.lastSocket;
    if (direction === Direction.ingress && !continues) this.id = this.source.next();
    this.lastDirection = direction;
    this.lastSocket = socket;
    return this.id;
  }

  /** Number of the last step. */
  get step(): number {
    return this.steps;
  }

  /** What was taken for a message in step `step` was none. As if it had never been, unless the thread has gone on since. */
  undo(step: number): void {
    if (step !== this.steps) return;
    if (this.id !== this.earlierId) this.source.giveBack(this.id);
    this.id = this.earlierId;
    this.lastDirection = this.earlierDirection;
    this.lastSocket = this.earlierSocket;
    this.steps += 1;
  }

  /**
   * The thread read the end of a connection. It turns to what that connection was about, so it goes on under the id of
   * what came in there last; what it was handling a moment ago is not the cause of what it does next.
   */
  resume(id: SystraceId | undefined): void {
    this.id = id ?? this.source.next();
    this.lastDirection = Direction.ingress;
    this.lastSocket = undefined;
    this.steps += 1;
  }

  /** The thread ended; its number may be given to another. */
  forget(): void {
    this.id = undefined;
    this.lastDirection = Direction.none;
    this.lastSocket = undefined;
  }
}

/** Numbers of one host, from 1. */
export class SystraceSource {
  private last = 0;

  next(): SystraceId {
    this.last += 1;
    return this.last as SystraceId;
  }

  /** The number was not used after all. It stays unused when others have followed it. */
  giveBack(id: SystraceId | undefined): void {
    if (id === this.last) this.last -= 1;
  }
}
