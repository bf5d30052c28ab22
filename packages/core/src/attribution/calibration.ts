/**
 * By how much, in log-likelihood, the best candidate was ahead of the second, and how often it then was the right one in
 * the captures whose truth is known (`npm run bench:accuracy`). The likelihoods count signs as independent that are not, so
 * they sound surer than they are; this table says how sure to be. Between its rows: on a straight line.
 */
const MEASURED: readonly (readonly [margin: number, right: number])[] = [
  [0, 0.5],
  [40, 0.995],
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
