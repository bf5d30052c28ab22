import type { SpanId } from '../../base/brand';
import { MAX_QUEUE_NAMES, type QueueMessageName, type QueueMessages } from '../../message/message';
import type { Span } from '../../span/span';
import type { AssemblyOptions, SpanLink } from '../assembled-trace';
import { comparePath, isOnePassage } from '../network-path';
import type { MemorySpanIndex } from '../span-index';
import { compareSpans } from '../span-order';
import { linkOf, type NamedDelivery, publishersOf } from './message-queue-link';

/** Other ends looked at for one span: those that start nearest to it. */
const MAX_ENDS = 64;

const NONE: readonly SpanLink[] = [];

/**
 * The message-queue links (X05) that begin or end at one of the spans. `index` must hold every span that shares a
 * queue-message key with them; only its first `size` spans count, as it may grow. The link of two spans comes out the
 * same from either.
 */
export function readSpanLinks(
  spans: readonly Span[],
  index: MemorySpanIndex,
  size: number,
  options: AssemblyOptions,
): readonly SpanLink[] {
  if (options.disabledRules.has('X05')) return NONE;
  const ends = spans.filter((span) => span.queueMessages !== undefined);
  if (ends.length === 0) return NONE;
  const reader = new LinkReader(index, size, options);
  for (const span of ends) reader.add(span);
  return reader.links();
}

/** One pair of producer and consumer, and what it was found by. */
interface Pair {
  readonly from: Span;
  readonly to: Span;
  readonly deliveries: NamedDelivery[];
}

class LinkReader {
  private readonly pairs = new Map<string, Pair>();

  constructor(
    private readonly index: MemorySpanIndex,
    private readonly size: number,
    private readonly options: AssemblyOptions,
  ) {}

  add(span: Span): void {
    const { action, names } = span.queueMessages!;
    for (const name of names.slice(0, MAX_QUEUE_NAMES)) {
      if (!this.isEnd(span, name)) continue;
      if (action !== 'publish') this.addDelivery(name, span);
      else for (const delivery of this.ends(span, name, false)) this.addDelivery(name, delivery, span.id);
    }
  }

  links(): SpanLink[] {
    return [...this.pairs.values()]
      .sort((a, b) => compareSpans(a.from, b.from) || compareSpans(a.to, b.to))
      .map(({ from, deliveries }) => linkOf(from, deliveries, this.options));
  }

  /** Keeps the delivery's producer by that name; only if it is `wanted`, when that is given. */
  private addDelivery(name: QueueMessageName, to: Span, wanted?: SpanId): void {
    const delivery = publishersOf(name, to, this.ends(to, name, true), this.options);
    const from = delivery.publishers[0];
    if (from === undefined || (wanted !== undefined && from.id !== wanted)) return;
    const key = `${from.id} ${to.id}`;
    const pair = this.pairs.get(key);
    if (pair === undefined) this.pairs.set(key, { from, to, deliveries: [delivery] });
    else if (!pair.deliveries.some(({ name: { basis, value } }) => basis === name.basis && value === name.value))
      pair.deliveries.push(delivery);
  }

  /** Spans that published, or took out, what the name means, each seen where it is nearest to the program that did. */
  private ends(span: Span, name: QueueMessageName, published: boolean): Span[] {
    return this.holders(span, name, published).filter((other) => this.isEnd(other, name));
  }

  /**
   * Whether nobody saw the same request nearer to the program. A program that publishes, or that fetches, asks; one that
   * is sent messages without asking is at the far end.
   */
  private isEnd(span: Span, name: QueueMessageName): boolean {
    if (span.type === 'app') return true;
    const { action } = span.queueMessages!;
    const pushed = action === 'deliver';
    return !this.holders(span, name, action === 'publish').some((other) => {
      if (other.type === 'app' || other.id === span.id) return false;
      const nearer = pushed ? comparePath(span, other) < 0 : comparePath(other, span) < 0;
      if (!nearer) return false;
      return pushed ? isOnePassage(other, span, this.options) : isOnePassage(span, other, this.options);
    });
  }

  private holders(span: Span, name: QueueMessageName, published: boolean): Span[] {
    const only = { ...span, queueMessages: { ...span.queueMessages!, names: [name] } };
    return this.index
      .candidates(
        only,
        { key: 'queue-message', role: ['client', 'net', 'server', 'app'], within: 'anywhere' },
        MAX_ENDS,
      )
      .filter((at) => at < this.size)
      .map((at) => this.index.at(at))
      .filter(
        ({ queueMessages }) =>
          queueMessages !== undefined &&
          (queueMessages.action === 'publish') === published &&
          holds(queueMessages, name),
      );
  }
}

/** An index may answer with spans that share a hash only. */
function holds({ names }: QueueMessages, { basis, value }: QueueMessageName): boolean {
  return names.some((name) => name.basis === basis && name.value === value);
}
