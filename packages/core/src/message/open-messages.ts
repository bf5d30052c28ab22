import type { Session } from '../session/session';
import { MAX_CHANNELS } from '../stream/limits';
import { type GrowingMessage, OpenMessage } from './open-message';

/** Who is told of messages that end. */
export interface EndedMessages {
  ended(message: GrowingMessage, session: Session | undefined, refuses: number): void;
  /** A limit was reached, and something given up for it. */
  limited(): void;
}

/** The messages that are open in one direction, one on each channel. */
export class OpenMessages {
  /** Channel 0. */
  readonly main = new OpenMessage();
  /** Other channels, with a message open. */
  private channels: Map<number, OpenMessage> | undefined = undefined;
  /** Stands for a channel without a message: what goes on there was begun before it could be seen. */
  private readonly nothing = new OpenMessage();

  constructor(private readonly output: EndedMessages) {}

  get any(): boolean {
    return this.main.message !== undefined || (this.channels !== undefined && this.channels.size > 0);
  }

  /** `begins`: a message will be opened there. */
  on(channel: number, begins: boolean): OpenMessage {
    if (channel === 0) return this.main;
    const open = this.channels?.get(channel);
    if (open !== undefined) return open;
    if (!begins) return this.nothing;
    const made = new OpenMessage(channel);
    this.channels ??= new Map();
    if (this.channels.size >= MAX_CHANNELS) this.cutOldest(this.channels);
    this.channels.set(channel, made);
    return made;
  }

  end(open: OpenMessage): void {
    const { message, session } = open;
    if (message === undefined) return;
    open.message = undefined;
    open.session = undefined;
    this.channels?.delete(open.channel);
    this.output.ended(message, session, open.refuses);
  }

  /** The channel, not 0, is over, whole. */
  finish(channel: number): void {
    const open = this.channels?.get(channel);
    if (open !== undefined) this.end(open);
  }

  /** Whatever is open ends here, cut. */
  cutAll(): void {
    this.cut(this.main);
    if (this.channels !== undefined) for (const open of [...this.channels.values()]) this.cut(open);
  }

  private cutOldest(channels: Map<number, OpenMessage>): void {
    this.output.limited();
    for (const [channel, oldest] of channels) {
      channels.delete(channel);
      this.cut(oldest);
      return;
    }
  }

  private cut(open: OpenMessage): void {
    if (open.message !== undefined) open.message.truncated = true;
    this.end(open);
  }
}
