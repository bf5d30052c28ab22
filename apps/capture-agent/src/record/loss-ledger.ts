import type { LossReport } from '@causeway/core';

/** Totals since the start of a recording. */
type Totals = Readonly<Record<Exclude<keyof LossReport, 'ringDrops'>, number>>;

export interface LossInterval extends LossReport {
  /** Monotonic. */
  readonly from: bigint;
  readonly to: bigint;
}

/** Turns running totals into what was lost since the last report. */
export class LossLedger {
  private ringDrops: readonly number[] = [];
  private totals: Partial<Totals> = {};

  constructor(private from: bigint) {}

  /** `always`: say so even when there was nothing. */
  report(ringDrops: readonly number[], totals: Totals, to: bigint, always: boolean): LossInterval | undefined {
    const drops = ringDrops.map((count, cpu) => count - (this.ringDrops[cpu] ?? 0));
    const names = Object.keys(totals) as (keyof Totals)[];
    const since = names.map((name) => [name, totals[name] - (this.totals[name] ?? 0)] as const);
    const something = drops.some((count) => count > 0) || since.some(([, count]) => count > 0);
    if (!always && !something) return undefined;
    const { from } = this;
    this.from = to;
    this.ringDrops = ringDrops;
    this.totals = totals;
    const { truncatedPayloads = 0, ...others } = Object.fromEntries(since.filter(([, count]) => count > 0));
    return { from, to, ringDrops: drops, truncatedPayloads, ...others };
  }
}
