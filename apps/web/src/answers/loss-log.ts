import type { LossInterval, Nanoseconds } from '@causeway/core';

/** Kept of a capture. Beyond, neighbours become one, so that a recorder that drops all day is told more coarsely. */
export const MAX_LOSS_INTERVALS = 1_000;

/** When events of a capture were dropped. */
export class LossLog {
  intervals: readonly LossInterval[] = [];

  add(loss: LossInterval): void {
    const all = [...this.intervals, loss];
    this.intervals = all.length > MAX_LOSS_INTERVALS ? inPairs(all) : all;
  }
}

/** Each two neighbours of one host as one; no event is lost or counted twice. */
function inPairs(intervals: readonly LossInterval[]): LossInterval[] {
  const joined: LossInterval[] = [];
  let open: LossInterval | undefined;
  for (const loss of intervals) {
    if (open?.hostId === loss.hostId) {
      const from = Math.min(open.from, loss.from) as Nanoseconds;
      const to = Math.max(open.to, loss.to) as Nanoseconds;
      joined.push({ hostId: loss.hostId, from, to, events: open.events + loss.events });
      open = undefined;
    } else {
      if (open !== undefined) joined.push(open);
      open = loss;
    }
  }
  if (open !== undefined) joined.push(open);
  return joined;
}
