import { compareSent } from './outgoing';
import type { Request } from './work';

/** Requests that are weighed for one call: those that started last. More are open only where many hang. */
export const MAX_OPEN = 96;
/** One-way messages that count as open: so many that came last. */
const MAX_ONEWAY = 1024;

/** Which are weighed first, where too many are open. */
const [SHARES_WORD, UNANSWERED, ANSWERED] = [0, 1, 2];

/** The requests that are open at a time; asked for times that never go back. */
export class OpenRequests {
  private open: Request[] = [];
  private begun = 0;
  /** When the first of the open ones is over. */
  private nextEnd = Number.POSITIVE_INFINITY;
  /** By word: the last call that was asked for and holds it. */
  private readonly heldBy: Uint32Array;
  private asked = 0;

  /** `words`: how many there are; `requests`: in order of start. */
  constructor(
    private readonly requests: readonly Request[],
    words: number,
  ) {
    this.heldBy = new Uint32Array(words);
  }

  /** `also`: with those that begin by then. The list is good until the next is asked for. */
  at(time: number, also = time): readonly Request[] {
    const { requests } = this;
    for (; this.begun < requests.length && requests[this.begun]!.start <= time; this.begun += 1) {
      const request = requests[this.begun]!;
      this.open.push(request);
      this.nextEnd = Math.min(this.nextEnd, request.until);
    }
    if (this.nextEnd < time) {
      this.open = this.open.filter(({ until }) => until >= time);
      this.nextEnd = this.open.reduce((next, { until }) => Math.min(next, until), Number.POSITIVE_INFINITY);
    }
    if (this.open.length > MAX_ONEWAY) {
      const oneway = new Set(this.open.filter(({ span }) => span.oneway).slice(-MAX_ONEWAY));
      this.open = this.open.filter((request) => !request.span.oneway || oneway.has(request));
    }
    let end = this.begun;
    while (end < requests.length && requests[end]!.start <= also) end += 1;
    return end === this.begun ? this.open : [...this.open, ...requests.slice(this.begun, end)];
  }

  /**
   * The open requests; of too many those that share a word with the call, then those that are not answered, and of these
   * those that came last.
   */
  nearest(open: readonly Request[], time: number, words: readonly number[]): readonly Request[] {
    if (open.length <= MAX_OPEN) return open.slice();
    this.asked += 1;
    for (const word of words) this.heldBy[word] = this.asked;
    const ranks = Uint8Array.from(open, ({ tokens, answered }) =>
      tokens.some((word) => this.heldBy[word] === this.asked) ? SHARES_WORD : answered > time ? UNANSWERED : ANSWERED,
    );
    const left = [0, 0, 0];
    for (const rank of ranks) left[rank]! += 1;
    let room = MAX_OPEN;
    for (const rank of [SHARES_WORD, UNANSWERED, ANSWERED]) {
      left[rank] = Math.min(left[rank]!, room);
      room -= left[rank]!;
    }
    const kept: Request[] = [];
    for (let i = open.length - 1; i >= 0; i -= 1) {
      const rank = ranks[i]!;
      if (left[rank] === 0) continue;
      left[rank]! -= 1;
      kept.push(open[i]!);
    }
    return kept.reverse();
  }
}

/** Those that were open for the call before as well: both lists are in order of start. */
export function joined(before: readonly Request[], open: readonly Request[]): readonly Request[] {
  const known = new Set(open);
  const over = before.filter((request) => !known.has(request));
  return over.length === 0 ? open : [...over, ...open].sort((a, b) => compareSent(a.span, b.span));
}
