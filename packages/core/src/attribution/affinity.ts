import type { Call, ProcessWork } from './process-work';

/** Rounds of estimation: the estimate has one optimum, and comes near enough in these. */
const ROUNDS = 12;
/** Calls that the estimate is made from: more make it no better. */
const MAX_SAMPLE = 20_000;
/** A call sent in the turn of the thread in which a request was read is likelier to be that one's. */
const READ_TURN = 6;
/** Likelihood ratios of agreeing words (places in CONTENTS), before anything is known. */
const CONTENT = [1, 2, 3, 12] as const;
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
    let rates = new Float64Array(kinds * kinds).fill(1);
    let shares = new Float64Array(0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = new Float64Array(kinds * kinds);
      for (const call of sample) {
        if (call.open.length > shares.length) shares = new Float64Array(call.open.length * 2);
        const sum = weigh(call, rates, kinds, shares);
        for (let i = 0; i < call.open.length; i += 1) next[call.open[i]!.kind * kinds + call.kind]! += shares[i]! / sum;
      }
      if (round === ROUNDS - 1) {
        this.expected = next.map((calls, i) => (calls * step) / Math.max(1, count[Math.floor(i / kinds)]!));
        return;
      }
      rates = next.map((calls, i) => Math.max(FLOOR, calls) / Math.max(1, openTime[Math.floor(i / kinds)]!));
    }
    this.expected = rates;
  }

  /** Calls of a kind that one request of a kind makes. */
  calls(requestKind: number, callKind: number): number {
    return this.expected[requestKind * this.kinds_ + callKind]! + FLOOR;
  }
}

function weigh({ open, kind, contents, span }: Call, rates: Float64Array, kinds: number, into: Float64Array): number {
  const id = span.systraceIdConnect ?? span.systraceIdRequest;
  let sum = 0;
  for (let i = 0; i < open.length; i += 1) {
    const request = open[i]!;
    const turn = id !== undefined && request.span.systraceIdRequest === id ? READ_TURN : 1;
    const share = rates[request.kind * kinds + kind]! * CONTENT[contents[i] as 0 | 1 | 2 | 3] * turn;
    into[i] = share;
    sum += share;
  }
  return sum;
}
