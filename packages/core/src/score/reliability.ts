import type { ReliabilityRow } from './score-report';

const TENTHS = 10;

/** Collects what links said of themselves and whether they were right, in tenths of probability. */
export class Reliability {
  private readonly links = new Array<number>(TENTHS).fill(0);
  private readonly correct = new Array<number>(TENTHS).fill(0);
  private readonly sums = new Array<number>(TENTHS).fill(0);

  /** `probability`: 0–1. */
  add(probability: number, correct: boolean): void {
    const tenth = Math.min(TENTHS - 1, Math.max(0, Math.floor(probability * TENTHS)));
    this.links[tenth]! += 1;
    this.sums[tenth]! += probability;
    if (correct) this.correct[tenth]! += 1;
  }

  /** The tenths that hold a link, lowest first. */
  rows(): ReliabilityRow[] {
    return this.links.flatMap((links, tenth) =>
      links === 0
        ? []
        : {
            from: tenth / TENTHS,
            to: (tenth + 1) / TENTHS,
            links,
            correct: this.correct[tenth]!,
            meanProbability: this.sums[tenth]! / links,
          },
    );
  }
}
