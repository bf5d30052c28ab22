import type { Nanoseconds, SpanId } from '../base/brand';
import type { Span, SysSpan } from '../span/span';
import type { TrueParent } from './true-parents';

/** Upper ends of the buckets in which a report counts concurrency; the last has none. */
export const CONCURRENCY_BUCKETS = [1, 2, 4, 8, 16, 32, 64, Number.POSITIVE_INFINITY] as const;

/** Tells how many requests a process was handling at a moment. */
export class Concurrency {
  private readonly processes = new Map<string, { starts: Float64Array; ends: Float64Array }>();

  /** A message that gets no answer was in hand until the last call that was made for it, as `parents` has it, ended. */
  constructor(spans: readonly Span[], parents: ReadonlyMap<SpanId, TrueParent>) {
    const lastCalls = new Map<SpanId, number>();
    for (const { id, end } of spans) {
      const truth = parents.get(id);
      if (truth?.kind === 'parent') lastCalls.set(truth.parent, Math.max(end, lastCalls.get(truth.parent) ?? 0));
    }
    const endOf = ({ id, oneway, end }: SysSpan) => (oneway ? Math.max(end, lastCalls.get(id) ?? 0) : end);
    const requests = new Map<string, SysSpan[]>();
    for (const span of spans) {
      if (span.type !== 'sys' || span.tapSide !== 's-p') continue;
      const list = requests.get(processOf(span));
      if (list === undefined) requests.set(processOf(span), [span]);
      else list.push(span);
    }
    for (const [process, list] of requests) {
      this.processes.set(process, {
        starts: Float64Array.from(list, ({ start }) => start).sort(),
        ends: Float64Array.from(list, endOf).sort(),
      });
    }
  }

  /** Requests in the span's process that had begun at its start and were not over; a process without any counts as 1. */
  at(span: SysSpan): number {
    const process = this.processes.get(processOf(span));
    if (process === undefined) return 1;
    return Math.max(1, below(process.starts, span.start, true) - below(process.ends, span.start, false));
  }
}

const processOf = (span: SysSpan) => `${span.hostId} ${span.pid}`;

/** How many of the sorted times lie before `time`, or at it if `orEqual`. */
function below(times: Float64Array, time: Nanoseconds, orEqual: boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time || (orEqual && times[middle] === time)) low = middle + 1;
    else high = middle;
  }
  return low;
}
