import type { Call, ProcessWork } from './work';

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
    const sample = new Sample(calls.filter(({ open }, i) => i % step === 0 && open.length > 0));
    // Rates relative to each other are enough: a call always came from somewhere.
    let expected = new Float64Array(kinds * kinds);
    let rates = new Float64Array(kinds * kinds).fill(1);
    let contents = new Evidence(kinds, CONTENT_TRUE, CONTENT_FALSE).ratios();
    let anchors = new Evidence(kinds, ANCHOR_TRUE, ANCHOR_FALSE).ratios();
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = new Float64Array(kinds * kinds);
      const content = new Evidence(kinds, CONTENT_TRUE, CONTENT_FALSE);
      const anchor = new Evidence(kinds, ANCHOR_TRUE, ANCHOR_FALSE);
      for (let call = 0; call < sample.size; call += 1) {
        const { callKinds, begins, requestKinds } = sample;
        const kind = callKinds[call]!;
        const [begin, end] = [begins[call]!, begins[call + 1]!];
        const sum = sample.weigh(call, rates, contents, anchors, kinds);
        for (let at = begin; at < end; at += 1) {
          const share = sample.shares[at - begin]! / sum;
          next[requestKinds[at]! * kinds + kind]! += share;
          if (end - begin === 1) continue;
          content.add(kind, sample.contents[at]!, share);
          anchor.add(kind, sample.anchors[at]!, share);
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

/** Calls with their open requests laid side by side, as they are gone through again and again. */
class Sample {
  readonly size: number;
  readonly callKinds: Uint32Array;
  /** Where the open requests of each call begin; one more stands for the end. */
  readonly begins: Uint32Array;
  readonly requestKinds: Uint32Array;
  readonly contents: Uint8Array;
  readonly anchors: Uint8Array;
  /** Of the call that was weighed last: not divided by their sum. */
  readonly shares: Float64Array;

  constructor(calls: readonly Call[]) {
    this.size = calls.length;
    this.callKinds = Uint32Array.from(calls, ({ kind }) => kind);
    this.begins = new Uint32Array(calls.length + 1);
    let most = 0;
    calls.forEach(({ open }, i) => {
      this.begins[i + 1] = this.begins[i]! + open.length;
      most = Math.max(most, open.length);
    });
    this.shares = new Float64Array(most);
    const slots = this.begins[calls.length]!;
    this.requestKinds = new Uint32Array(slots);
    this.contents = new Uint8Array(slots);
    this.anchors = new Uint8Array(slots);
    calls.forEach(({ open, contents, anchors }, i) => {
      const begin = this.begins[i]!;
      open.forEach(({ kind }, slot) => {
        this.requestKinds[begin + slot] = kind;
      });
      this.contents.set(contents, begin);
      this.anchors.set(anchors, begin);
    });
  }

  /** Writes the shares of a call's open requests; answers their sum. */
  weigh(
    call: number,
    rates: Float64Array,
    contentRatios: Float64Array,
    anchorRatios: Float64Array,
    kinds: number,
  ): number {
    const { requestKinds, contents, anchors, shares } = this;
    const kind = this.callKinds[call]!;
    const [begin, end] = [this.begins[call]!, this.begins[call + 1]!];
    let sum = 0;
    for (let at = begin; at < end; at += 1) {
      const share =
        rates[requestKinds[at]! * kinds + kind]! *
        contentRatios[kind * CONTENT_TRUE.length + contents[at]!]! *
        anchorRatios[kind * ANCHOR_TRUE.length + anchors[at]!]!;
      shares[at - begin] = share;
      sum += share;
    }
    return sum;
  }
}
