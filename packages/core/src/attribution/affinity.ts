import type { Call, ProcessWork } from './process-work';

/** Rounds of estimation: the estimate has one optimum, and comes near enough in these. */
const ROUNDS = 12;
/** Calls that the estimate is made from: more make it no better. */
const MAX_SAMPLE = 20_000;
/** A call sent in the turn of the thread in which a request was read is likelier to be that one's. */
const READ_TURN = 6;
/** How often words agree (places in CONTENTS) with the request behind a call, and with others, before anything is known. */
const CONTENT_TRUE = [3, 1, 2, 4];
const CONTENT_FALSE = [20, 3, 1, 1];
const CONTENTS = CONTENT_TRUE.length;
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

  constructor(
    { calls, requests, kinds }: ProcessWork,
    private readonly kinds_ = kinds,
  ) {
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
    let ratios = ratiosOf(priorOf(CONTENT_TRUE, kinds), priorOf(CONTENT_FALSE, kinds));
    let shares = new Float64Array(0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = new Float64Array(kinds * kinds);
      const contentTrue = priorOf(CONTENT_TRUE, kinds);
      const contentFalse = priorOf(CONTENT_FALSE, kinds);
      for (const call of sample) {
        if (call.open.length > shares.length) shares = new Float64Array(call.open.length * 2);
        const sum = weigh(call, rates, ratios, kinds, shares);
        for (let i = 0; i < call.open.length; i += 1) {
          const share = shares[i]! / sum;
          next[call.open[i]!.kind * kinds + call.kind]! += share;
          if (call.open.length === 1) continue;
          contentTrue[call.kind * CONTENTS + call.contents[i]!]! += share;
          contentFalse[call.kind * CONTENTS + call.contents[i]!]! += 1 - share;
        }
      }
      ratios = ratiosOf(contentTrue, contentFalse);
      expected = next.map((calls, i) => (calls * step) / Math.max(1, count[Math.floor(i / kinds)]!));
      rates = next.map((calls, i) => Math.max(FLOOR, calls) / Math.max(1, openTime[Math.floor(i / kinds)]!));
    }
    this.expected = expected;
    this.contentRatios = ratios;
  }

  contentRatio(callKind: number, content: number): number {
    return this.contentRatios[callKind * CONTENTS + content]!;
  }

  /** Calls of a kind that one request of a kind makes. */
  calls(requestKind: number, callKind: number): number {
    return this.expected[requestKind * this.kinds_ + callKind]! + FLOOR;
  }
}

const priorOf = (prior: readonly number[], kinds: number) =>
  Float64Array.from({ length: kinds * CONTENTS }, (_, i) => prior[i % CONTENTS]!);

/** Of each kind and agreement: its share among the first counts over its share among the second. */
function ratiosOf(one: Float64Array, other: Float64Array): Float64Array {
  const ratios = new Float64Array(one.length);
  for (let from = 0; from < one.length; from += CONTENTS) {
    const sum = (counts: Float64Array) => counts.subarray(from, from + CONTENTS).reduce((a, b) => a + b, 0);
    const [ones, others] = [sum(one), sum(other)];
    for (let i = from; i < from + CONTENTS; i += 1) ratios[i] = one[i]! / ones / (other[i]! / others);
  }
  return ratios;
}

function weigh(
  { open, kind, contents, span }: Call,
  rates: Float64Array,
  ratios: Float64Array,
  kinds: number,
  into: Float64Array,
): number {
  const id = span.systraceIdConnect ?? span.systraceIdRequest;
  let sum = 0;
  for (let i = 0; i < open.length; i += 1) {
    const request = open[i]!;
    const turn = id !== undefined && request.span.systraceIdRequest === id ? READ_TURN : 1;
    const share = rates[request.kind * kinds + kind]! * ratios[kind * CONTENTS + contents[i]!]! * turn;
    into[i] = share;
    sum += share;
  }
  return sum;
}
