/**
 * By how much, in log-likelihood, the best candidate was ahead of the second, and how often it then was the right one in
 * recorded captures whose truth is known (44 000 calls: event loops, pools, pipelines, hand-over, one-way messages, 1 to
 * 64 at once; docs/accuracy.md judges them by a second recording). The likelihoods count signs as independent that are
 * not, so they sound surer than they are; this table says how sure to be. Between its rows: on a straight line.
 */
const MEASURED: readonly (readonly [margin: number, right: number])[] = [
  [0, 0.24],
  [1, 0.28],
  [3, 0.37],
  [5, 0.44],
  [7, 0.57],
  [9, 0.69],
  [11, 0.83],
  [13, 0.84],
  [15.5, 0.875],
  [18.5, 0.925],
  [22, 0.96],
  [26, 0.983],
  [31, 0.995],
  [37, 0.998],
  [55, 0.9995],
];

/** 0–1. */
export function calibrated(margin: number): number {
  let [from, low] = MEASURED[0]!;
  if (margin <= from) return low;
  for (const [to, high] of MEASURED) {
    if (margin < to) return low + ((high - low) * (margin - from)) / (to - from);
    [from, low] = [to, high];
  }
  return low;
}
