import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { type AttributedCall, attributedCalls } from './attribute-calls';

/** Spans that are looked at again and again: what a second or two of a busy host bring. */
const MAX_SPANS = 4_000;
/** A request is known as a span only once it was answered, so those that may have made a call are awaited for so long. */
const SETTLE_NS = 1_000_000_000;
const MAX_AWAITED = 1_000;

/** What is said anew of the calls of a growing capture. */
export interface RecentlyAttributed {
  /** Calls whose likeliest request is another than was said before, with their attribution. */
  readonly calls: readonly AttributedCall[];
  /** The requests that were said before. */
  readonly formerParents: readonly SpanId[];
}

const NOTHING: RecentlyAttributed = { calls: [], formerParents: [] };

/**
 * Says of a capture that grows whose its latest calls were. It sees less than `attributeCalls`, which looks at the whole:
 * what it says is good to look at meanwhile, and is to be replaced at the end. Bounded: of more than 2,000 spans between
 * two answers the others wait for the end.
 */
export class RecentCalls {
  #spans: Span[] = [];
  #forgetful = false;
  /** Whether anything came since the last answer, and since the one before it. */
  #grew = false;
  #settled = true;
  /** The likeliest request of the calls that are looked at, as last said. */
  #parents = new Map<SpanId, SpanId>();

  add(span: Span): void {
    this.#grew = true;
    this.#settled = false;
    if (this.#spans.push(span) > 2 * MAX_SPANS) this.#forget();
  }

  /** To be asked every few seconds. What came last is told of once more has come, or when nothing has. */
  attribute(): RecentlyAttributed {
    if (this.#settled) return NOTHING;
    this.#settled = !this.#grew;
    this.#grew = false;
    this.#forget();
    const spans = this.#spans;
    const settled = this.#settled ? Number.POSITIVE_INFINITY : settledUntil(spans);
    // Of the oldest calls the requests may be forgotten already: what was said of them stands.
    const judged = new Set((this.#forgetful ? spans.slice(spans.length >> 2) : spans).map(({ id }) => id));
    const calls: AttributedCall[] = [];
    const formerParents: SpanId[] = [];
    const parents = new Map<SpanId, SpanId>();
    for (const { id } of spans) {
      const parent = this.#parents.get(id);
      if (parent !== undefined) parents.set(id, parent);
    }
    for (const call of attributedCalls(spans)) {
      const parent = call.attribution.candidates[0]!.parent;
      const former = parents.get(call.id);
      if (former === parent || !judged.has(call.id) || call.end > settled) continue;
      calls.push(call);
      parents.set(call.id, parent);
      if (former !== undefined) formerParents.push(former);
    }
    this.#parents = parents;
    return { calls, formerParents };
  }

  #forget(): void {
    if (this.#spans.length <= MAX_SPANS) return;
    this.#spans = this.#spans.slice(-MAX_SPANS);
    this.#forgetful = true;
  }
}

/** Calls that ended until then are judged. Where spans come fast, no more than a thousand are awaited. */
function settledUntil(spans: readonly Span[]): number {
  const newest = spans.reduce((latest, { end }) => Math.max(latest, end), Number.NEGATIVE_INFINITY);
  return Math.max(newest - SETTLE_NS, spans.at(-MAX_AWAITED)?.end ?? Number.NEGATIVE_INFINITY);
}
