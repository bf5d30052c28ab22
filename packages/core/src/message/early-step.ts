import type { ThreadTrace } from '../association/systrace';
import type { SystraceId } from '../base/brand';
import type { Direction } from '../event/event-block';
import type { EventMark } from '../event/event-mark';

/** The systrace step of a message whose head is not whole yet: taken when its first byte came. */
export class EarlyStep {
  private trace: ThreadTrace | undefined = undefined;
  private number = 0;
  private id: SystraceId | undefined = undefined;

  get taken(): boolean {
    return this.trace !== undefined;
  }

  take({ trace }: EventMark, direction: Direction, socket: unknown): void {
    this.id = trace.message(direction, socket);
    this.trace = trace;
    this.number = trace.step;
  }

  /** The id of a message that begins now, or began with the step. */
  use({ trace }: EventMark, direction: Direction, socket: unknown): SystraceId | undefined {
    const id = this.taken ? this.id : trace.message(direction, socket);
    this.trace = undefined;
    return id;
  }

  /** The bytes belong to no message, or to one that is no work. */
  undo(): void {
    this.trace?.undo(this.number);
    this.trace = undefined;
  }

  /** The message will never be read. */
  drop(): void {
    this.trace = undefined;
  }
}
