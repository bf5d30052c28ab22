import type { Call, ProcessWork } from './process-work';

/** Rounds of estimation: the estimate has one optimum, and comes near enough in these. */
const ROUNDS = 12;
/** Calls that the estimate is made from: more make it no better. */
const MAX_SAMPLE = 5_000;
/** How often words agree (places in CONTENTS) with the request behind a call, and with others, before anything is known. */
const CONTENT_TRUE = [2, 1, 2, 6];
const CONTENT_FALSE = [20, 3, 1, 1];
/** The same of the ends of a call's chain (classes of `noteAnchors`). */
export const ANCHOR_TRUE = [6, 4, 2, 6, 12, 1, 2, 1, 1];
export const ANCHOR_FALSE = [6, 0.5, 4, 0.5, 0.15, 1, 4, 1, 12];
/** What is expected, in calls, of two kinds of which nothing was seen. */
const FLOOR = 1e-3;

/**
 * How many calls of each kind a request of each kind makes, on average, estimated without deciding for any single call
 * whose it is: calls come from the requests that are open at the time, each kind of request at its own rate, and words
 * that agree shift the weight. (Expectation maximisation for a superposition of Poisson processes; its likelihood is
 * concave in the rates, so there is no wrong turn to take.)
 */
export class Affinity {
  private readonly expected: Float64Array;
  /** By kind of call and agreement of words: how much likelier it is of the request behind the call than of another. */
  private readonly contentRatios: Float64Array;
  private readonly anchorRatios: Float64Array;

  private readonly kinds: number;

  constructor({ calls, requests, kindNames }: ProcessWork) {
    const kinds = kindNames.length;
    this.kinds = kinds;
    const openTime = new Float64Array(kinds);
    const count = new Float64Array(kinds);
    for (const { kind, start, until } of requests) {
      openTime[kind]! += Number.isFinite(until) ? until - start : 0;
      count[kind]! += 1;
    }
    const step = Math.max(1, Math.ceil(calls.length / MAX_SAMPLE));
    const sample = calls.filter(({ open }, i) => i % step === 0 && open.length > 0);
    // Rates relative to each other are enough: a call always came from somewhere.
    let expected = new Float64Array(kinds * kinds);
    let rates = new Float64Array(kinds * kinds).fill(1);
    let contents = new Evidence(kinds, CONTENT_TRUE, CONTENT_FALSE).ratios();
    let anchors = new Evidence(kinds, ANCHOR_TRUE, ANCHOR_FALSE).ratios();
    let shares = new Float64Array(0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = new Float64Array(kinds * kinds);
      const content = new Evidence(kinds, CONTENT_TRUE, CONTENT_FALSE);
      const anchor = new Evidence(kinds, ANCHOR_TRUE, ANCHOR_FALSE);
      for (const call of sample) {
        if (call.open.length > shares.length) shares = new Float64Array(call.open.length * 2);
        const sum = weigh(call, rates, contents, anchors, kinds, shares);
        for (let i = 0; i < call.open.length; i += 1) {
          const share = shares[i]! / sum;
          next[call.open[i]!.kind * kinds + call.kind]! += share;
          if (call.open.length === 1) continue;
          content.add(call.kind, call.contents[i]!, share);
          anchor.add(call.kind, call.anchors[i]!, share);
        }
      }
      contents = content.ratios();
      anchors = anchor.ratios();
      expected = next.map((calls, i) => (calls * step) / Math.max(1, count[Math.floor(i / kinds)]!));
      rates = next.map((calls, i) => Math.max(FLOOR, calls) / Math.max(1, openTime[Math.floor(i / kinds)]!));
    }
    this.expected = expected;
    this.contentRatios = contents;
    this.anchorRatios = anchors;
  }

  contentRatio(callKind: number, content: number): number {
    return this.contentRatios[callKind * CONTENT_TRUE.length + content]!;
  }

  anchorRatio(callKind: number, anchor: number): number {
    return this.anchorRatios[callKind * ANCHOR_TRUE.length + anchor]!;
  }

  /** Calls of a kind that one request of a kind makes. */
  calls(requestKind: number, callKind: number): number {
    return this.expected[requestKind * this.kinds + callKind]! + FLOOR;
  }
}

/** How often something is so of the request behind a call, and of the others, by kind of call. */
class Evidence {
  private readonly behind: Float64Array;
  private readonly others: Float64Array;
  private readonly width: number;

  constructor(kinds: number, priorBehind: readonly number[], priorOthers: readonly number[]) {
    this.width = priorBehind.length;
    this.behind = Float64Array.from({ length: kinds * this.width }, (_, i) => priorBehind[i % this.width]!);
    this.others = Float64Array.from({ length: kinds * this.width }, (_, i) => priorOthers[i % this.width]!);
  }

  /** `share`: how likely the request is the one behind the call, 0–1. */
  add(kind: number, at: number, share: number): void {
    this.behind[kind * this.width + at]! += share;
    this.others[kind * this.width + at]! += 1 - share;
  }

  /** By kind: the share of each class among the first over its share among the second. */
  ratios(): Float64Array {
    const { behind, others, width } = this;
    const ratios = new Float64Array(behind.length);
    for (let from = 0; from < ratios.length; from += width) {
      const sum = (counts: Float64Array) => counts.subarray(from, from + width).reduce((a, b) => a + b, 0);
      const [all, allOthers] = [sum(behind), sum(others)];
      for (let i = from; i < from + width; i += 1) ratios[i] = behind[i]! / all / (others[i]! / allOthers);
    }
    return ratios;
  }
}

function weigh(
  { open, kind, contents, anchors }: Call,
  rates: Float64Array,
  contentRatios: Float64Array,
  anchorRatios: Float64Array,
  kinds: number,
  into: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < open.length; i += 1) {
    const request = open[i]!;
    const share =
      rates[request.kind * kinds + kind]! *
      contentRatios[kind * CONTENT_TRUE.length + contents[i]!]! *
      anchorRatios[kind * ANCHOR_TRUE.length + anchors[i]!]!;
    into[i] = share;
    sum += share;
  }
  return sum;
}
