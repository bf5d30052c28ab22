/** How much a sample of the same kind of message counts against all samples of the process. */
const KIND_STRENGTH = 6;

/** Counts over a few classes, by kind of message and for the process as a whole. */
export class Frequencies {
  private readonly whole: Float64Array;
  private wholeSum: number;
  /** By kind: of each class, and of all. */
  private readonly byKind: (Float64Array | undefined)[] = [];
  private readonly logs: (Float64Array | undefined)[] = [];

  constructor(private readonly prior: readonly number[]) {
    this.whole = Float64Array.from(prior);
    this.wholeSum = prior.reduce((a, b) => a + b, 0);
  }

  add(kind: number, at: number): void {
    let counts = this.byKind[kind];
    if (counts === undefined) {
      counts = new Float64Array(this.prior.length + 1);
      this.byKind[kind] = counts;
    }
    counts[at]! += 1;
    counts[counts.length - 1]! += 1;
    this.whole[at]! += 1;
    this.wholeSum += 1;
  }

  /** Logarithm of the share; asked for again and again once the counting is over. */
  log(kind: number, at: number): number {
    let logs = this.logs[kind];
    if (logs === undefined) {
      logs = Float64Array.from(this.prior, (_, i) => Math.log(this.share(kind, i)));
      this.logs[kind] = logs;
    }
    return logs[at]!;
  }

  share(kind: number, at: number): number {
    return this.shareOver(kind, at, this.whole[at]! / this.wholeSum);
  }

  /** The share among samples of a kind, drawn towards `base` as long as they are few. */
  shareOver(kind: number, at: number, base: number): number {
    const counts = this.byKind[kind];
    if (counts === undefined) return base;
    return (counts[at]! + KIND_STRENGTH * base) / (counts[counts.length - 1]! + KIND_STRENGTH);
  }
}

/** Rows of numbers by two small numbers, not a number each until it is written; made when they are first asked for. */
export class Rows {
  private readonly rows: (Float64Array | undefined)[][];

  /** `firsts`: how many there are of the first number. */
  constructor(
    firsts: number,
    private readonly width: number,
  ) {
    this.rows = Array.from({ length: firsts }, () => []);
  }

  row(first: number, second: number): Float64Array {
    const rows = this.rows[first]!;
    let row = rows[second];
    if (row === undefined) {
      row = new Float64Array(this.width).fill(Number.NaN);
      rows[second] = row;
    }
    return row;
  }
}
