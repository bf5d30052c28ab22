import { type Affinity, ANCHOR_FALSE, ANCHOR_TRUE } from './affinity';
import { OCCASIONS } from './attribution';
import { Frequencies, Rows } from './frequencies';
import { FREED } from './work';

/** Lags fall into classes that each are four times as long as the one before, from 8 µs on. */
const LAGS = 12;
/** Ranks among those who wait: of so many, the last stands for all that come after it. */
export const RANKS = 5;
/** In one turn of the loop the last may come first: how many are before, and how many behind, each up to this. */
const MOST_BESIDE = 2;
const PAIRS = MOST_BESIDE + 1;

/** A place among those in one turn of the loop, as one number. */
export const pairOf = (before: number, behind: number) =>
  Math.min(MOST_BESIDE, before) * PAIRS + Math.min(MOST_BESIDE, behind);
export const pairAt = (pair: number) => ({ before: Math.floor(pair / PAIRS), behind: pair % PAIRS });

const FLOW_STRENGTH = 2;
/** Share of outputs that are sent while an earlier call is not answered, before anything is known. */
const OVERLAP = 0.15;

/** Where such a share of one kind's calls overlap, they are meant to. */
const AT_ONCE = 0.2;

/** Of these units: from here on the last class. */
const LONGEST = 4 ** (LAGS - 2);

const SAME_TURN = OCCASIONS.indexOf('same-turn');
const OTHER_THREAD = OCCASIONS.indexOf('other-thread');

export function lagClass(lag: number): number {
  const units = lag / 8000;
  if (units < 1) return 0;
  // The place of the highest bit is the logarithm; longer ones are of the last class.
  return units < LONGEST ? 1 + ((31 - Math.clz32(units)) >> 1) : LAGS - 1;
}

/** Calls of one kind by one request that are told apart; more count alike. */
const MULTIPLES = 12;
const MULTIPLE_STRENGTH = 4;

/** Requests of a kind mostly behave alike: they make the average, rounded up or down. Some scatter about it. */
const ALIKE = 0.85;

function expectedMultiple(mean: number, count: number): number {
  const below = Math.floor(mean);
  const alike = count === below ? below + 1 - mean : count === below + 1 ? mean - below : 0;
  let scattered = Math.exp(-mean);
  for (let i = 1; i <= count; i += 1) scattered *= mean / i;
  return Math.max(ALIKE * alike + (1 - ALIKE) * scattered, 1e-5);
}

/** Share of requests that go on calling after their response. */
const AFTERWARDS = 0.02;

/** What an unknown process is taken for: mostly event loops and threads that answer at once. */
const OCCASION_PRIOR = [20, 2, 3, 2, 8, 3, 1, 8, 4, 4, 2, 3];
const LAG_PRIOR_SAME = [4, 6, 6, 4, 2, 1, 0.5, 0.25, 0.1, 0.05, 0.05, 0.05];
const LAG_PRIOR_OTHER = [2, 3, 3, 3, 3, 2, 2, 1, 1, 0.5, 0.25, 0.25];
/** By place in ORDERS: of all who wait; of all, in its own turn; of those in one turn of the loop. */
const ORDER_PRIORS = [
  [10, 2, 1, 1, 1],
  [6, 3, 2, 2, 3],
  [6, 2, 2, 2, 0.5, 0.5, 2, 0.5, 0.5],
];
/** On a connection that has just become free, the turn of the thread may be that of its last user. */
const OCCASION_PRIOR_FREED = [8, 2, 8, 2, 1, 1, 1, 4, 4, 4, 3, 8];
/** The call before on its connection: there was none, of the same request, of another. */
const SOCKET_PRIOR_TRUE = [4, 8, 1];
const SOCKET_PRIOR_FALSE = [4, 1, 8];
const CONTENT_PRIOR_TRUE = [3, 1, 2, 4];
const CONTENT_PRIOR_FALSE = [20, 3, 1, 1];

/**
 * How the requests of one process behave, counted from the links assumed so far: in which turn of the thread and how
 * soon they act, who is served first when several wait, what they do after what, and how their words agree.
 */
export class Model {
  /** By how the connection had come to the call. */
  private readonly occasions = FREED.map(
    (freed) => new Frequencies(freed === 'made' || freed === 'idle' ? OCCASION_PRIOR : OCCASION_PRIOR_FREED),
  );
  private readonly socketsTrue = new Frequencies(SOCKET_PRIOR_TRUE);
  private readonly socketsFalse = new Frequencies(SOCKET_PRIOR_FALSE);
  private readonly lagsSame = new Frequencies(LAG_PRIOR_SAME);
  private readonly lagsOther = new Frequencies(LAG_PRIOR_OTHER);
  private readonly orders = ORDER_PRIORS.map((prior) => new Frequencies(prior));
  private readonly contentsTrue = new Frequencies(CONTENT_PRIOR_TRUE);
  private readonly anchorsTrue = new Frequencies(ANCHOR_TRUE);
  private readonly anchorsFalse = new Frequencies(ANCHOR_FALSE);
  private readonly contentsOfPair = new Frequencies(CONTENT_PRIOR_TRUE);
  private readonly contentsFalse = new Frequencies(CONTENT_PRIOR_FALSE);
  private learnt = false;
  private readonly requestCounts = new Map<number, number>();
  // What is asked again and again once the counting is over, by kind of request and of call, or of what went out before.
  private readonly moreLogs: Rows;
  private readonly contentLogs: Rows;
  private readonly flowLogs: Rows;
  private readonly multiples = new Map<number, Float64Array>();
  private readonly flows = new Map<number, { readonly next: Map<number, number>; sum: number }>();
  /** By kind of request: what goes out in one's life, on average. */
  private readonly outputs: Float64Array;

  /** Log-likelihood that it is just this one of all other threads. */
  private readonly otherThread: number;

  /**
   * `kinds`: how many kinds of message there are; one more stands for the response, and one for the end. `threads`: how
   * many send something.
   */
  constructor(
    private readonly kinds: number,
    private readonly affinity: Affinity,
    threads: number,
  ) {
    this.moreLogs = new Rows(kinds, MULTIPLES + 1);
    this.contentLogs = new Rows(kinds, CONTENT_PRIOR_TRUE.length);
    this.flowLogs = new Rows(kinds, 2 * (kinds + 2));
    this.otherThread = -Math.log(Math.max(1, threads - 1));
    this.outputs = new Float64Array(kinds).fill(1);
    for (let of = 0; of < kinds; of += 1)
      for (let to = 0; to < kinds; to += 1) this.outputs[of]! += affinity.calls(of, to);
  }

  get response(): number {
    return this.kinds;
  }

  get end(): number {
    return this.kinds + 1;
  }

  /** `occasion`: a place in OCCASIONS. */
  addOccasion(kind: number, freed: number, occasion: number, lag: number): void {
    this.occasions[freed]!.add(kind, occasion);
    (occasion === SAME_TURN ? this.lagsSame : this.lagsOther).add(kind, lagClass(lag));
  }

  occasion(kind: number, freed: number, occasion: number, lag: number): number {
    const lags = occasion === SAME_TURN ? this.lagsSame : this.lagsOther;
    const where = occasion === OTHER_THREAD ? this.otherThread : 0;
    return where + this.occasions[freed]!.log(kind, occasion) + lags.log(kind, lagClass(lag));
  }

  /** `order`: whom the rank is among, a place in ORDERS. */
  addRank(kind: number, order: number, rank: number): void {
    this.orders[order]!.add(kind, rank);
  }

  rank(kind: number, order: number, rank: number): number {
    return this.orders[order]!.log(kind, rank);
  }

  /** `place`: 0 = the first call on its connection, 1 = the one before was of the same request, 2 = of another. */
  addSocket(kind: number, place: number, isTrue: boolean): void {
    (isTrue ? this.socketsTrue : this.socketsFalse).add(kind, place);
  }

  socket(kind: number, place: number): number {
    return this.socketsTrue.log(kind, place) - this.socketsFalse.log(kind, place);
  }

  addAnchor(kind: number, anchor: number, isTrue: boolean): void {
    (isTrue ? this.anchorsTrue : this.anchorsFalse).add(kind, anchor);
  }

  anchor(kind: number, anchor: number): number {
    if (!this.learnt) return Math.log(this.affinity.anchorRatio(kind, anchor));
    return this.anchorsTrue.log(kind, anchor) - this.anchorsFalse.log(kind, anchor);
  }

  addContent(requestKind: number, kind: number, content: number, isTrue: boolean): void {
    this.learnt = true;
    if (isTrue) this.contentsOfPair.add(requestKind * this.kinds + kind, content);
    (isTrue ? this.contentsTrue : this.contentsFalse).add(kind, content);
  }

  content(requestKind: number, kind: number, content: number): number {
    const logs = this.contentLogs.row(requestKind, kind);
    if (Number.isNaN(logs[content])) logs[content] = this.contentLog(requestKind, kind, content);
    return logs[content]!;
  }

  private contentLog(requestKind: number, kind: number, content: number): number {
    if (!this.learnt) return Math.log(this.affinity.contentRatio(kind, content));
    const usual = this.contentsTrue.share(kind, content);
    const likely = this.contentsOfPair.shareOver(requestKind * this.kinds + kind, content, usual);
    return Math.log(likely) - this.contentsFalse.log(kind, content);
  }

  /** A request of a kind made so many calls of a kind. */
  addMultiple(requestKind: number, callKind: number, count: number): void {
    const key = requestKind * this.kinds + callKind;
    let counts = this.multiples.get(key);
    if (counts === undefined) {
      counts = new Float64Array(MULTIPLES + 1);
      this.multiples.set(key, counts);
    }
    counts[Math.min(count, MULTIPLES - 1)]! += 1;
    counts[MULTIPLES]! += 1;
  }

  addRequest(kind: number): void {
    this.requestCounts.set(kind, (this.requestCounts.get(kind) ?? 0) + 1);
  }

  /** Log-likelihood of so many calls of a kind by one request, less that of one call fewer. */
  oneMore(requestKind: number, callKind: number, count: number): number {
    const logs = this.moreLogs.row(requestKind, callKind);
    if (Number.isNaN(logs[0])) {
      let fewer = this.multiple(requestKind, callKind, 0);
      logs[0] = 0;
      for (let i = 1; i <= MULTIPLES; i += 1) {
        const likely = this.multiple(requestKind, callKind, i);
        logs[i] = Math.log(likely / fewer);
        fewer = likely;
      }
    }
    return logs[Math.min(count, MULTIPLES)]!;
  }

  private multiple(requestKind: number, callKind: number, count: number): number {
    const requests = this.requestCounts.get(requestKind) ?? 0;
    const counts = this.multiples.get(requestKind * this.kinds + callKind);
    const at = Math.min(count, MULTIPLES - 1);
    const seen =
      counts === undefined ? (count === 0 ? requests : 0) : at === 0 ? requests - counts[MULTIPLES]! : counts[at]!;
    return (
      (seen + MULTIPLE_STRENGTH * expectedMultiple(this.affinity.calls(requestKind, callKind), at)) /
      (requests + MULTIPLE_STRENGTH)
    );
  }

  private flowKey(requestKind: number, before: number): number {
    return requestKind * (this.kinds + 3) + before + 1;
  }

  /** `before`: kind of the output before, −1 = none. `overlapping`: that one is a call that is not answered yet. */
  addFlow(requestKind: number, before: number, next: number, overlapping: boolean): void {
    const key = this.flowKey(requestKind, before);
    let flow = this.flows.get(key);
    if (flow === undefined) {
      flow = { next: new Map(), sum: 0 };
      this.flows.set(key, flow);
    }
    const symbol = next * 2 + (overlapping ? 1 : 0);
    flow.next.set(symbol, (flow.next.get(symbol) ?? 0) + 1);
    flow.sum += 1;
  }

  /**
   * Whether requests of a kind send their calls of a kind without waiting for the answers. Some have to wait for a
   * connection, so that it shows in a part of them only.
   */
  sendsAtOnce(requestKind: number, kind: number): boolean {
    const next = this.flows.get(this.flowKey(requestKind, kind))?.next;
    const overlapping = next?.get(kind * 2 + 1) ?? 0;
    return overlapping >= AT_ONCE * (overlapping + (next?.get(kind * 2) ?? 0));
  }

  /** How likely something is to follow, as far as the kinds tell: after the response, next to nothing does. */
  private flowBase(requestKind: number, before: number, next: number, overlapping: boolean): number {
    if (next === this.end) return before >= this.response ? 1 - AFTERWARDS : AFTERWARDS;
    const share = next === this.response ? 1 : this.affinity.calls(requestKind, next);
    const likely = (share / this.outputs[requestKind]!) * (overlapping ? OVERLAP : 1 - OVERLAP);
    return before >= this.response ? likely * AFTERWARDS : likely;
  }

  flow(requestKind: number, before: number, next: number, overlapping: boolean): number {
    const logs = this.flowLogs.row(requestKind, before + 1);
    const symbol = next * 2 + (overlapping ? 1 : 0);
    if (Number.isNaN(logs[symbol])) logs[symbol] = this.flowLog(requestKind, before, next, overlapping);
    return logs[symbol]!;
  }

  private flowLog(requestKind: number, before: number, next: number, overlapping: boolean): number {
    const base = this.flowBase(requestKind, before, next, overlapping);
    const flow = this.flows.get(this.flowKey(requestKind, before));
    if (flow === undefined) return Math.log(base);
    const seen = flow.next.get(next * 2 + (overlapping ? 1 : 0)) ?? 0;
    return Math.log((seen + FLOW_STRENGTH * base) / (flow.sum + FLOW_STRENGTH));
  }
}
