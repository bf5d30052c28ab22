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
  private waiting: Outstanding[] = [];

  get first(): Outstanding | undefined {
    return this.waiting[0];
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
    if (this.waiting.length === 1) {
      this.waiting.pop();
      return 1;
    }
    const end = this.waiting.findIndex(({ sync }) => sync !== false);
    const settled = end < 0 ? this.waiting.length : end + 1;
    this.waiting.splice(0, settled);
    return settled;
  }

  /** Responses were lost: what is answered now is most likely what was asked last. */
  keepLast(): void {
    this.waiting = this.waiting.slice(-1);
  }
}
