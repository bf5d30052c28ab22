import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleAll } from '../assembly/assemble';
import { createSpanIndex } from '../assembly/memory-span-index';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { traceFromText } from '../testing/index';
import { attributeCalls } from './attribute-calls';
import { type EventLoopOptions, eventLoop } from './test-event-loop';

/** Under which request each call hangs in the end. */
function parentsOf(spans: readonly Span[]): Map<SpanId, SpanId> {
  const parents = new Map<SpanId, SpanId>();
  for (const { links } of assembleAll(createSpanIndex(attributeCalls(spans)))) {
    for (const { child, parent } of links.values()) parents.set(child, parent);
  }
  return parents;
}

function shareRight(options: EventLoopOptions): number {
  const { spans, parents } = eventLoop(options);
  const found = parentsOf(spans);
  const right = [...parents].filter(([child, parent]) => found.get(child) === parent).length;
  return right / parents.size;
}

describe('attributeCalls', () => {
  it.each([
    ['one at a time', { requests: 40, concurrency: 1, connections: 1 }],
    ['eight at once, one connection that all wait for', { requests: 120, concurrency: 8, connections: 1 }],
    ['eight at once, a pool of three', { requests: 120, concurrency: 8, connections: 3 }],
    ['eight at once, connections enough', { requests: 120, concurrency: 8, connections: 8 }],
  ])('finds whose the calls of an event loop are: %s', (_, options) => {
    expect(shareRight({ ...options, named: true })).toBeGreaterThanOrEqual(0.98);
  });

  it('does so by order and habit where no words tell', () => {
    expect(shareRight({ requests: 120, concurrency: 4, connections: 2, named: false })).toBeGreaterThanOrEqual(0.9);
  });

  it('leaves a thread that handles one request at a time to the rules for threads', () => {
    const spans = traceFromText(`
      one    [--------]            s-p python tid=1 sys=1/2
      call     [---]               c-p python tid=1 sys=1/2
      two       [--------]         s-p python tid=2 sys=3/4
      other       [---]            c-p python tid=2 sys=3/4
    `);
    expect(attributeCalls(spans)).toEqual(spans);
  });

  it('adds up to 1 at most, likeliest first', () => {
    const { spans } = eventLoop({ requests: 60, concurrency: 8, connections: 2, named: false });
    let attributed = 0;
    for (const span of attributeCalls(spans)) {
      const candidates = span.type === 'sys' ? (span.attribution?.candidates ?? []) : [];
      if (candidates.length === 0) continue;
      attributed += 1;
      const probabilities = candidates.map(({ probability }) => probability);
      expect(probabilities.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1.002);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    }
    expect(attributed).toBeGreaterThan(20);
  });

  it('depends neither on the order of the spans nor on attributions they had, and changes none of them', () => {
    const { spans } = eventLoop({ requests: 24, concurrency: 6, connections: 2, named: true });
    const before = spans.map((span) => ({ ...span }));
    const expected = new Map(attributeCalls(spans).map((span) => [span.id, span]));
    fc.assert(
      fc.property(fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }), (shuffled) => {
        for (const span of attributeCalls(attributeCalls(shuffled))) expect(span).toEqual(expected.get(span.id));
      }),
      { numRuns: 10 },
    );
    expect(spans).toEqual(before);
  });
});
