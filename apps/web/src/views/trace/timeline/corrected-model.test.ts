import type { DurationNs, HostClock, HostId, Span } from '@causeway/core';
import { testSpan } from '@causeway/core/testing';
import { expect, it } from 'vitest';
import { traceViewOf } from '../test-trace-view';
import { buildTraceModel } from '../trace-model';
import { clockSentence } from './clock-words';
import { correctedModel } from './corrected-model';

const clock = (shift: number, more: Partial<HostClock> = {}): HostClock => ({
  ...{ host: 'h2' as HostId, against: 'h1' as HostId, shift: shift as DurationNs, pairs: 41, ignored: 0 },
  ...more,
});

function modelWith(clocks: readonly HostClock[]) {
  const spans: Span[] = [
    testSpan({ id: 'call', start: 1000, end: 9000 }),
    testSpan({ id: 'serve', host: 'h2', start: 5_003_000, end: 5_005_000 }),
  ];
  return buildTraceModel(traceViewOf(spans, { start: 1000, end: 5_005_000, clocks }));
}

it('shifts the spans of a host, and what the trace covers', () => {
  const model = modelWith([clock(-5_000_000)]);
  const corrected = correctedModel(model);
  expect(corrected.nodes.map(({ span }) => [span.start, span.end])).toEqual([
    [1000, 9000],
    [3000, 5000],
  ]);
  expect(corrected.view).toMatchObject({ start: 1000, end: 9000 });
  expect(model.nodes[1]?.span.start).toBe(5_003_000);
});

it('is the same model when no clock is off', () => {
  for (const model of [modelWith([]), modelWith([clock(0)])]) expect(correctedModel(model)).toBe(model);
});

it.each([
  [
    clock(-3_200_000, { earliest: -3_900_000 as DurationNs, latest: -2_800_000 as DurationNs }),
    'db shifted by −3.20 ms (from 41 links with h1; −3.90 ms to −2.80 ms would do)',
  ],
  [clock(0, { pairs: 1, ignored: 2 }), 'db agrees (from 1 link with h1; 2 others would not fit)'],
  [clock(5, { earliest: 5 as DurationNs }), 'db shifted by +5 ns (from 41 links with h1; at least +5 ns)'],
])('tells of a clock in a sentence %#', (told, sentence) => {
  expect(clockSentence(told, { h2: 'db' })).toBe(sentence);
});
