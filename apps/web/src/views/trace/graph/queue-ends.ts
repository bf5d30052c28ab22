import type { Span, SpanId, SpanLink } from '@causeway/core';
import type { TraceModel } from '../trace-model';

/** Ends in other traces that are drawn at one span; the panel lists them all. */
const SHOWN_ENDS = 3;

/** The other end of a message-queue link, in another trace. */
export interface QueueEnd {
  readonly link: SpanLink;
  readonly span: Span;
  /** It is the producer. */
  readonly incoming: boolean;
}

/** What of the links over message queues can be drawn: between boxes, and at a box that leads elsewhere. */
export interface QueueDrawing {
  readonly within: readonly SpanLink[];
  readonly endsAt: ReadonlyMap<SpanId, readonly QueueEnd[]>;
}

export function queueDrawing({ view, byId, outside }: TraceModel): QueueDrawing {
  const within: SpanLink[] = [];
  const endsAt = new Map<SpanId, QueueEnd[]>();
  for (const link of view.spanLinks) {
    const { from, to } = link;
    if (byId.has(from) && byId.has(to)) {
      within.push(link);
      continue;
    }
    const incoming = byId.has(to);
    const span = outside.get(incoming ? from : to);
    if (span === undefined) continue;
    const at = incoming ? to : from;
    const ends = endsAt.get(at) ?? [];
    endsAt.set(at, ends);
    if (ends.length < SHOWN_ENDS) ends.push({ link, span, incoming });
  }
  return { within, endsAt };
}

/** Names a link in the address. */
export function linkName({ from, to }: SpanLink): string {
  return `${from}~${to}`;
}
