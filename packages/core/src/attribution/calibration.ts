/**
 * By how much, in log-likelihood, the best candidate was ahead of the second, and how often it then was the right one in
 * the recorded captures whose truth is known (44 000 calls: event loops, pools, pipelines, hand-over, 1 to 64 at once). The likelihoods count signs as independent that are not, so
 * they sound surer than they are; this table says how sure to be. Between its rows: on a straight line.
 */
const MEASURED: readonly (readonly [margin: number, right: number])[] = [
  [0, 0.23],
  [2, 0.26],
  [4, 0.36],
  [6, 0.49],
  [8, 0.63],
  [10, 0.71],
  [12, 0.81],
  [14, 0.87],
  [17, 0.88],
  [20, 0.93],
  [24, 0.95],
  [28, 0.965],
  [38, 0.965],
  [42, 0.98],
  [45, 0.993],
  [52, 0.998],
  [60, 0.999],
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
