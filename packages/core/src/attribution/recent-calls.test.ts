import { describe, expect, it } from 'vitest';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { type AttributedCall, attributedCalls } from './attribute-calls';
import { RecentCalls } from './recent-calls';
import { eventLoop } from './test-event-loop';

const POOL = { requests: 200, concurrency: 8, connections: 3, named: true } as const;
const byEnd = (spans: readonly Span[]) => spans.toSorted((a, b) => a.end - b.end);
const likeliest = (calls: readonly AttributedCall[]) =>
  new Map(calls.map(({ id, attribution }) => [id, attribution.candidates[0]!.parent]));

/** Everything that is said when the spans come in so many parts; later words count. */
function saidInParts(spans: readonly Span[], parts: number): Map<SpanId, SpanId> {
  const recent = new RecentCalls();
  const said = new Map<SpanId, SpanId>();
  const listen = () => {
    const { calls } = recent.attribute();
    for (const [id, parent] of likeliest(calls)) said.set(id, parent);
  };
  const size = Math.ceil(spans.length / parts);
  for (let at = 0; at < spans.length; at += size) {
    for (const span of spans.slice(at, at + size)) recent.add(span);
    listen();
  }
  listen();
  return said;
}

describe('RecentCalls', () => {
  it('says of a small capture what the whole says, once nothing more comes', () => {
    const spans = byEnd(eventLoop(POOL).spans);
    expect(saidInParts(spans, 1)).toEqual(likeliest(attributedCalls(spans)));
    expect(saidInParts(spans, 7)).toEqual(likeliest(attributedCalls(spans)));
  });

  it('waits for the requests that may have made a call', () => {
    const recent = new RecentCalls();
    for (const span of byEnd(eventLoop(POOL).spans)) recent.add(span);
    expect(recent.attribute().calls).toEqual([]);
    expect(recent.attribute().calls.length).toBeGreaterThan(0);
    expect(recent.attribute().calls).toEqual([]);
  });

  it('names the request that it took back', () => {
    const spans = byEnd(eventLoop({ ...POOL, requests: 30, named: false }).spans);
    const recent = new RecentCalls();
    const said = new Map<SpanId, SpanId>();
    let takenBack = 0;
    for (const span of spans) {
      recent.add(span);
      recent.attribute();
      const { calls, formerParents } = recent.attribute();
      const before = calls.map(({ id }) => said.get(id)).filter((parent) => parent !== undefined);
      expect(formerParents).toEqual(before);
      takenBack += before.length;
      for (const [id, parent] of likeliest(calls)) said.set(id, parent);
    }
    expect(takenBack).toBeGreaterThan(0);
  });

  it('is nearly as right about a stream that is longer than what it keeps', () => {
    const { spans, parents } = eventLoop({ ...POOL, requests: 2_500 });
    const said = saidInParts(byEnd(spans), 10);
    const right = [...said].filter(([id, parent]) => parents.get(id) === parent).length;
    expect(spans.length).toBeGreaterThan(6_000);
    expect(said.size).toBeGreaterThan(0.9 * likeliest(attributedCalls(spans)).size);
    expect(right / said.size).toBeGreaterThan(0.97);
  });
});
