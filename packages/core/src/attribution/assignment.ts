import type { DurationNs } from '../base/brand';
import { Affinity } from './affinity';
import { noteAnchors } from './anchors';
import { type AttributionSign, CONTENTS, OCCASIONS } from './attribution';
import { ContentIndex } from './content';
import { addCall, countOf, learnLife, lifeGain, lifeOf, occasionOf, removeCall, scoreWith, standingAt } from './life';
import { Model, pairAt, pairOf, RANKS } from './model';
import { MAX_OPEN } from './open-requests';
import { boundThreads } from './process-work';
import { best, byTotal, counterpartOf, dueTime, lowerBound, socketPlace, tailFrom, type Weighed } from './weighing';
import type { Call, ProcessWork, Request } from './work';

/** Rounds of assuming and learning; most processes settle in three or four. */
const MAX_ROUNDS = 6;
/** Candidates that are weighed with all they imply; the others were far behind by themselves. */
const SHORTLIST = 6;
/** Log-likelihood of a call that nobody asked for: a request must explain it better than this. */
export const NOBODY = -17;
/** A call whose best candidate is ahead by this much is not weighed again. */
const SETTLED = 12;
/** With so many of the best candidates an exchange is tried. */
const EXCHANGED = 4;
/** Where an exchange of two calls would do so much harm, one of all that follows them will not mend it. */
const HOPELESS = -25;
/** Longer ends of two requests' lives are not exchanged as a whole. */
const MAX_TAIL = 8;
const NEVER = Number.NEGATIVE_INFINITY;
/** Differences below this are rounding. */
const EPSILON = 1e-9;
/** One more call of a kind is expected of a request when it is at least this likely (logarithm). */
const EXPECTED = Math.log(0.3);

/**
 * For which request was each call of a process made? Starts with what each call says by itself, then learns from that
 * how the process behaves and assigns again, call by call and by exchange of two calls, until nothing changes. Depends
 * on nothing but the spans.
 */
export class ProcessAssignment {
  private model: Model;
  private readonly contents: ContentIndex;
  private readonly affinity: Affinity;
  private readonly threads: number;

  // Of each open request of the call that is being weighed.
  private readonly own = new Float64Array(MAX_OPEN);
  private readonly since = new Float64Array(MAX_OPEN);
  private readonly orders = new Uint8Array(MAX_OPEN);
  /** Since when those wait who expect a call of its kind, and those of them whose turn of the loop it is. */
  private readonly due = new Float64Array(MAX_OPEN);
  private readonly inLoop = new Float64Array(MAX_OPEN);

  constructor(private readonly work: ProcessWork) {
    this.contents = new ContentIndex(work);
    noteAnchors(work);
    for (const call of work.calls) this.contents.compare(call);
    this.affinity = new Affinity(work);
    this.threads = boundThreads(work.calls);
    this.model = new Model(work.kindNames.length, this.affinity, this.threads);
  }

  run(): void {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const changed = this.sweep(round);
      if (round > 0 && changed === 0) break;
      this.learn();
    }
  }

  /** The candidates of a call as things stand, best first; the call keeps its request. */
  weigh(call: Call): Weighed[] {
    const { request } = call;
    if (request !== undefined) this.take(call);
    const weighed = this.shortlist(call, request);
    if (request !== undefined) {
      this.give(call, request);
      const own = weighed.find((each) => each.request === request)!.total;
      for (const other of weighed.sort(byTotal).slice(0, EXCHANGED)) {
        if (other.request === request) continue;
        const counterpart = counterpartOf(call, request, other.request);
        if (counterpart === undefined) continue;
        other.total = Math.max(other.total, own + this.exchangeGain(call, request, counterpart, other.request));
      }
    }
    return weighed.sort(byTotal);
  }

  /** What spoke for a candidate, as things stand. */
  signs(call: Call, { request, slot, total }: Weighed): AttributionSign[] {
    const { model } = this;
    const { kind, open, freed, turns, sent } = call;
    const owner = call.request;
    if (owner !== undefined) this.take(call);
    const standing = standingAt(model, request, call);
    const { input, before } = standing;
    const occasion = occasionOf(request, request.calls, standing, call.sent);
    const lag = call.start - input.time;
    const others = countOf(request.calls, kind);
    const content = call.contents[slot]!;
    const shared = this.contents.shared(call, request).map((token) => this.work.tokenNames[token]!);
    const order = Math.floor(turns[slot]! / ORDER);
    const rank = turns[slot]! % ORDER;
    if (owner !== undefined) this.give(call, owner);
    const signs: AttributionSign[] = [
      {
        ...{ kind: 'occasion', occasion: OCCASIONS[occasion]!, lag: Math.round(lag) as DurationNs },
        ...(sent.id !== undefined && { child: sent.id }),
        ...(input.id !== undefined && { parent: input.id }),
        weight: rounded(model.occasion(kind, freed, occasion, lag)),
      },
      {
        kind: 'turn',
        ...(order === 2 ? pairAt(rank) : { before: rank }),
        weight: rounded(model.rank(kind, order, rank)),
      },
      { kind: 'count', others, weight: rounded(model.oneMore(request.kind, kind, others + 1)) },
    ];
    if (open.length > 1) {
      const weight = rounded(model.content(request.kind, kind, content));
      signs.push({ kind: 'content', content: CONTENTS[content]!, shared, weight });
    }
    const rest = signs.reduce((sum, { weight }) => sum - weight, total);
    const after = before < 0 ? '' : (this.work.kindNames[before] ?? 'response');
    return [...signs, { kind: 'sequence', after, weight: rounded(rest) }];
  }

  private sweep(round: number): number {
    let changed = 0;
    for (const call of this.work.calls) {
      if (call.open.length === 0 || (round > 1 && call.margin > SETTLED)) continue;
      const before = call.request;
      if (before !== undefined) this.take(call);
      const weighed = this.shortlist(call, before).sort(byTotal);
      const [first] = weighed as [Weighed];
      call.margin = first.total - Math.max(weighed[1]?.total ?? NOBODY, NOBODY);
      const after = first.total > NOBODY ? first.request : undefined;
      if (after !== undefined) this.give(call, after);
      if (after !== before) changed += 1;
      else if (round > 0 && after !== undefined) changed += this.tryExchange(call, after, weighed);
    }
    return changed;
  }

  private tryExchange(call: Call, request: Request, weighed: readonly Weighed[]): number {
    for (const { request: other } of weighed.slice(0, EXCHANGED)) {
      if (other === request) continue;
      const counterpart = counterpartOf(call, request, other);
      if (counterpart === undefined) continue;
      const gain = this.exchangeGain(call, request, counterpart, other);
      const tails = gain > EPSILON || gain < HOPELESS ? NEVER : this.tailsGain(call, request, counterpart, other);
      call.margin = Math.min(call.margin, Math.abs(gain));
      if (gain <= EPSILON && tails <= EPSILON) continue;
      if (gain >= tails) this.exchange(call, request, counterpart, other);
      else this.exchangeAll(tailFrom(request.calls, call), request, tailFrom(other.calls, counterpart), other);
      return 1;
    }
    return 0;
  }

  private exchange(call: Call, request: Request, counterpart: Call, other: Request): void {
    this.take(call);
    this.take(counterpart);
    this.give(call, other);
    this.give(counterpart, request);
  }

  /** What the whole gains if the two calls change places. */
  private exchangeGain(call: Call, request: Request, counterpart: Call, other: Request): number {
    const { model } = this;
    const before = lifeOf(model, request).score + lifeOf(model, other).score;
    const after = scoreWith(model, request, counterpart, call) + scoreWith(model, other, call, counterpart);
    const besides = (each: Call, of: Request) => each.besides[each.open.indexOf(of)]!;
    const held = this.socketScore(call) + this.socketScore(counterpart);
    call.request = other;
    counterpart.request = request;
    const exchanged = this.socketScore(call) + this.socketScore(counterpart);
    call.request = request;
    counterpart.request = other;
    const own =
      besides(call, other) + besides(counterpart, request) - besides(call, request) - besides(counterpart, other);
    return after - before + own + exchanged - held;
  }

  /** What the whole gains if from these two calls on the two requests change places; −∞ = they cannot. */
  private tailsGain(call: Call, request: Request, counterpart: Call, other: Request): number {
    const [tail, otherTail] = [tailFrom(request.calls, call), tailFrom(other.calls, counterpart)];
    if (tail.length > MAX_TAIL || otherTail.length > MAX_TAIL || tail.length + otherTail.length === 2) return NEVER;
    if (!tail.every((each) => each.open.includes(other)) || !otherTail.every((each) => each.open.includes(request))) {
      return NEVER;
    }
    const before = this.tailScore(request, tail) + this.tailScore(other, otherTail);
    this.exchangeAll(tail, request, otherTail, other);
    const after = this.tailScore(request, otherTail) + this.tailScore(other, tail);
    this.exchangeAll(otherTail, request, tail, other);
    return after - before;
  }

  private tailScore(request: Request, tail: readonly Call[]): number {
    const { model } = this;
    let { score } = lifeOf(model, request);
    for (const kind of new Set(request.calls.map((each) => each.kind))) {
      for (let i = 1; i <= countOf(request.calls, kind); i += 1) score += model.oneMore(request.kind, kind, i);
    }
    for (const call of tail) score += call.besides[call.open.indexOf(request)]! + this.socketScore(call);
    return score;
  }

  private exchangeAll(calls: readonly Call[], request: Request, others: readonly Call[], other: Request): void {
    for (const each of calls) this.take(each);
    for (const each of others) this.take(each);
    for (const each of calls) this.give(each, other);
    for (const each of others) this.give(each, request);
  }

  /** How the call's request fits those of the calls before and after it on its connection. */
  private socketScore(call: Call): number {
    const { request, next, kind, open } = call;
    if (request === undefined) return 0;
    let score = open.length > 1 ? this.model.socket(kind, socketPlace(call, request)) : 0;
    if (next?.request !== undefined && next.open.length > 1)
      score += this.model.socket(next.kind, socketPlace(next, next.request));
    return score;
  }

  /** Weighs the best few, and in any case `also`. The call belongs to nobody meanwhile. */
  private shortlist(call: Call, also: Request | undefined): Weighed[] {
    const { model } = this;
    return best(call.open, this.weighOwn(call), SHORTLIST, also).map((slot) => {
      const request = call.open[slot]!;
      let total = lifeGain(model, request, call) + call.besides[slot]!;
      total += model.oneMore(request.kind, call.kind, countOf(request.calls, call.kind) + 1);
      call.request = request;
      total += this.socketScore(call);
      call.request = undefined;
      return { request, slot, total };
    });
  }

  /** What the call by itself says of every request that was open, by slot; the next call's goes to the same place. */
  private weighOwn(call: Call): Float64Array {
    const { model, own, since, orders, due, inLoop } = this;
    const { open, turns, contents, besides, anchors, kind, freed, sent } = call;
    const size = open.length;
    let waiting = 0;
    let waitingInLoop = 0;
    this.contents.compare(call);
    for (let slot = 0; slot < size; slot += 1) {
      const request = open[slot]!;
      const standing = standingAt(model, request, call);
      const { before, overlapping, input, place } = standing;
      const occasion = occasionOf(request, request.calls, standing, sent);
      const flow = model.flow(request.kind, before, kind, overlapping);
      const more = model.oneMore(request.kind, kind, countOf(request.calls, kind) + 1);
      const order = orderOf(occasion);
      orders[slot] = order;
      since[slot] = order === IN_LOOP ? input.time : Number.NEGATIVE_INFINITY;
      // Who expects a call of this kind, and since when.
      if (call.start <= request.answered && more > EXPECTED) {
        const time = dueTime(model, request, place, kind, input.time);
        due[waiting] = time;
        waiting += 1;
        if (order === IN_LOOP) {
          inLoop[waitingInLoop] = input.time;
          waitingInLoop += 1;
        } else since[slot] = time;
      }
      own[slot] = flow + model.occasion(kind, freed, occasion, call.start - input.time) + more;
    }
    const line = due.subarray(0, waiting).sort();
    const loopLine = inLoop.subarray(0, waitingInLoop).sort();
    for (let slot = 0; slot < size; slot += 1) {
      const request = open[slot]!;
      const order = orders[slot]!;
      const time = since[slot]!;
      const rank =
        order === IN_LOOP
          ? pairOf(lowerBound(loopLine, time), waitingInLoop - lowerBound(loopLine, time + 1))
          : Math.min(RANKS - 1, lowerBound(line, time));
      turns[slot] = order * ORDER + rank;
      const beside =
        model.rank(kind, order, rank) +
        (size === 1 ? 0 : model.content(request.kind, kind, contents[slot]!) + model.anchor(kind, anchors[slot]!));
      besides[slot] = beside;
      const socket = size === 1 ? 0 : model.socket(kind, socketPlace(call, request));
      own[slot] = own[slot]! + beside + socket;
    }
    return own;
  }

  private learn(): void {
    const model = new Model(this.work.kindNames.length, this.affinity, this.threads);
    for (const request of this.work.requests) learnLife(model, request);
    for (const call of this.work.calls) {
      const { request, open, kind, turns, contents } = call;
      if (request === undefined) continue;
      for (let slot = 0; slot < open.length; slot += 1) {
        const own = open[slot] === request;
        if (own) model.addRank(kind, Math.floor(turns[slot]! / ORDER), turns[slot]! % ORDER);
        if (open.length === 1) continue;
        model.addAnchor(kind, call.anchors[slot]!, own);
        model.addContent(open[slot]!.kind, kind, contents[slot]!, own);
        model.addSocket(kind, socketPlace(call, open[slot]!), own);
      }
    }
    this.model = model;
  }

  private take(call: Call): void {
    const request = call.request!;
    removeCall(request, call);
    call.request = undefined;
    this.contents.take(call, request);
  }

  private give(call: Call, request: Request): void {
    addCall(request, call);
    call.request = request;
    this.contents.give(call, request);
  }
}

/** A place in the queue is kept as the order's number times this, and the rank in that order. */
const ORDER = 16;
const SAME_TURN = OCCASIONS.indexOf('same-turn');
const SAME_LOOP = OCCASIONS.indexOf('same-loop');
/** Of the orders: of all who wait; of all, in its own turn; of those in one turn of the loop. */
const [, IN_TURN, IN_LOOP] = [0, 1, 2];

const orderOf = (occasion: number) => (occasion === SAME_TURN ? IN_TURN : occasion === SAME_LOOP ? IN_LOOP : 0);

const rounded = (weight: number) => Math.round(weight * 100) / 100;
