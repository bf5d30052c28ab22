/** Requests that may wait for an answer at once; the oldest beyond are forgotten. */
const MAX_PENDING = 4096;

interface Pending<Details> {
  readonly key: number;
  readonly details: Details;
}

/** The requests of a connection that wait, first to last, each with a number that its answer is given too. */
export class PendingRequests<Details> {
  private waiting: Pending<Details>[] = [];
  private last = 0;

  /** Number of the new request. */
  add(details: Details): number {
    this.last += 1;
    if (this.waiting.length >= MAX_PENDING) this.waiting.shift();
    this.waiting.push({ key: this.last, details });
    return this.last;
  }

  /** Takes the first that fits; all before it are passed over, and will not be answered any more. */
  next(fits: (details: Details) => boolean = () => true): Pending<Details> | undefined {
    const index = this.waiting.findIndex(({ details }) => fits(details));
    return index < 0 ? undefined : this.waiting.splice(0, index + 1)[index];
  }

  /** Takes the first that fits, alone. */
  pick(fits: (details: Details) => boolean): Pending<Details> | undefined {
    const index = this.waiting.findIndex(({ details }) => fits(details));
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
  }

  clear(): void {
    this.waiting = [];
  }
}
