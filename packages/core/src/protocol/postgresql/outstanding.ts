import { Fifo } from '../../base/fifo';

/** A request that the server has not settled yet. */
export interface Outstanding {
  /** A Sync or simple query ends it, so that a ReadyForQuery answers it; undefined = its last frame has not come yet. */
  sync: boolean | undefined;
  /** Before the first ReadyForQuery: an authentication request answers it, or an error ends the connection. */
  readonly login: boolean;
}

/** Requests without a ReadyForQuery; far more than any driver sends ahead. */
const MAX_OUTSTANDING = 16_384;

/** The requests of a connection that wait, first to last: tells where the response to each of them ends. */
export class OutstandingRequests {
  private readonly waiting = new Fifo<Outstanding>();

  get first(): Outstanding | undefined {
    return this.waiting.first;
  }

  add(login: boolean, sync?: boolean): Outstanding {
    const request: Outstanding = { sync, login };
    this.waiting.push(request);
    if (this.waiting.length > MAX_OUTSTANDING) this.waiting.shift();
    return request;
  }

  settleFirst(): void {
    this.waiting.shift();
  }

  /** A ReadyForQuery came: all up to the next Sync are settled. Says how many that were. */
  settleBatch(): number {
    let settled = 0;
    for (let last = this.waiting.shift(); last !== undefined; last = this.waiting.shift()) {
      settled += 1;
      if (last.sync !== false) break;
    }
    return settled;
  }

  /** Responses were lost: what is answered now is most likely what was asked last. */
  keepLast(): void {
    this.waiting.keepLast();
  }
}
