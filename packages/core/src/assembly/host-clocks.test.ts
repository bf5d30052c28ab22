import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostId } from '../base/brand';
import type { Span } from '../span/span';
import { checkIntegrity, testSpan, traceFromText, traceToText } from '../testing/index';
import { assembleAll } from './assemble';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { exactHostClocks } from './exact-pairs';
import { type ClockPair, clockCorrection, estimateHostClocks, hostClocksOf } from './host-clocks';
import { createSpanIndex } from './memory-span-index';

const [A, B, C] = ['a', 'b', 'c'] as unknown as [HostId, HostId, HostId];
const pair = (parent: HostId, child: HostId, earliest: number, latest: number): ClockPair => ({
  ...{ parent, child, earliest, latest },
});
const clockOf = (pairs: readonly ClockPair[], host: HostId) => estimateHostClocks(pairs).get(host);

describe('estimateHostClocks', () => {
  test.each([
    ['no shift where none is needed', [pair(A, B, -3, 5)], { shift: 0, earliest: -3, latest: 5, pairs: 1 }],
    ['the smallest of those allowed', [pair(A, B, -9, -2)], { shift: -2, earliest: -9, latest: -2, pairs: 1 }],
    [
      'what all pairs allow',
      [pair(A, B, 3, 9), pair(A, B, 5, 20), pair(A, B, 0, 7)],
      { shift: 5, latest: 7, pairs: 3 },
    ],
    [
      'what most pairs allow, and counts the others',
      [pair(A, B, 3, 9), pair(A, B, 100, 200), pair(A, B, 4, 8)],
      { shift: 4, earliest: 4, latest: 8, pairs: 2, ignored: 1 },
    ],
    [
      'the region nearest to 0 of several',
      [pair(A, B, 50, 60), pair(A, B, -20, -10)],
      { shift: -10, pairs: 1, ignored: 1 },
    ],
    ['a bound that is not known', [pair(A, B, 4, Number.POSITIVE_INFINITY)], { shift: 4, earliest: 4, pairs: 1 }],
    [
      'nothing from a pair that is impossible',
      [pair(A, B, 9, 3), pair(A, B, 1, 2)],
      { shift: 1, pairs: 1, ignored: 1 },
    ],
    [
      'requests in both directions',
      [pair(A, B, 3, 9), pair(A, B, 3, 9), pair(B, A, -6, -4)],
      { shift: 4, latest: 6, pairs: 3 },
    ],
  ])('finds %s', (_, pairs, expected) => {
    const clock = clockOf(pairs, B);
    expect(clock).toMatchObject(expected);
    expect(clock).toMatchObject({ host: B, against: A });
    if (!('latest' in expected)) return;
    expect(clock!.shift).toBeLessThanOrEqual(clock!.latest!);
  });

  test('has no clock for those that call, nor where every pair is impossible', () => {
    expect(clockOf([pair(A, B, 1, 2)], A)).toBeUndefined();
    expect(estimateHostClocks([pair(A, B, 2, 1)]).size).toBe(0);
    expect(estimateHostClocks([]).size).toBe(0);
  });

  test('adds up along chains, by the hosts that share most', () => {
    const pairs = [pair(A, B, 10, 12), pair(B, C, 100, 120), pair(B, C, 105, 130), pair(A, C, -5, 5)];
    const clocks = estimateHostClocks(pairs);
    expect(clocks.get(B)).toMatchObject({ against: A, shift: 10 });
    expect(clocks.get(C)).toMatchObject({ against: B, shift: 115, earliest: 115, latest: 130, pairs: 2 });
    expect(clockCorrection(clocks, C, B)).toBe(105);
    expect(clockCorrection(clocks, A, C)).toBe(-115);
    expect(clockCorrection(clocks, C, C)).toBe(0);
    const direct = estimateHostClocks([...pairs, pair(A, C, -5, 5), pair(A, C, -4, 6)]);
    expect(direct.get(C)).toMatchObject({ against: A, shift: 0, earliest: -4, latest: 5, pairs: 3 });
  });

  test('finds a shift that really was, whatever the order and however many there are', () => {
    const delays = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.array(delays, { minLength: 1 }), (skew, all) => {
        // The child's clock is ahead by `skew`: a shift of −skew is right, so every pair must allow it.
        const pairs = all.map(([out, back]) => pair(A, B, -skew - out, -skew + back));
        const clock = clockOf(pairs, B)!;
        expect(clock).toEqual(clockOf(pairs.toReversed(), B));
        expect(clock).toMatchObject({ pairs: all.length, ignored: 0 });
        expect(clock.earliest).toBeLessThanOrEqual(-skew);
        expect(clock.latest).toBeGreaterThanOrEqual(-skew);
        expect(Math.abs(clock.shift + skew)).toBeLessThanOrEqual(1000);
      }),
    );
  });
});

const CALLS = `
  page    [---------------]   s-p web@h1   sys=1/9
  call1     [---]             c-p web@h1   sys=1/2   seq=10/20
  serve1     [-]              s-p api@h2   sys=1/1   seq=10/20
  call2           [-----]     c-p web@h1   sys=2/9   seq=30/40
  serve2           [---]      s-p api@h2   sys=2/4   seq=30/40
  query             [-]       c-p api@h2   sys=2/4   seq=50/60
`;
const TREE = `page
  call1 R05
    serve1 R11
  call2 R05
    serve2 R11
      query R05`;
const SECOND = 1_000_000_000;

const skewed = (by: number): Span[] =>
  traceFromText(CALLS).map((span) =>
    span.hostId === 'h2' ? ({ ...span, start: span.start + by, end: span.end + by } as Span) : span,
  );

describe('two hosts', () => {
  test.each([
    ['agree', 0],
    ['differ by 3 ms', 3_000_000],
    ['differ by 5 s', 5 * SECOND],
    ['differ by two hours', -7200 * SECOND],
  ])('whose clocks %s are assembled, and the offset is told', (_, skew) => {
    const traces = assembleAll(createSpanIndex(skewed(skew)));
    const [trace] = traces.filter(({ spans }) => spans.length > 1);
    expect(traceToText(trace!).split('\n').sort()).toEqual(TREE.split('\n').sort());
    expect(checkIntegrity(trace!)).toEqual([]);
    const clock = hostClocksOf(traces).get('h2' as HostId)!;
    expect(clock).toMatchObject({ against: 'h1', pairs: 2, ignored: 0 });
    expect(clock.earliest).toBe(-1_000_000 - skew);
    expect(clock.latest).toBe(1_000_000 - skew);
    expect(hostClocksOf(traces).size).toBe(1);
  });

  test('keep both differences as evidence: the raw one and the one that was judged', () => {
    const [trace] = assembleAll(createSpanIndex(skewed(5 * SECOND)));
    const times = (id: string) =>
      [...trace!.links.values()]
        .find(({ child }) => child === id)!
        .evidence.conditions.filter(({ kind }) => kind === 'within-tolerance');
    expect(times('serve2')).toMatchObject([
      { edge: 'start', holds: true, difference: 5 * SECOND + 1_000_000, corrected: 2_000_000 },
      { edge: 'end', holds: true, difference: 5 * SECOND - 1_000_000, corrected: 0 },
    ]);
    const [straight] = assembleAll(createSpanIndex(skewed(0)));
    expect([...straight!.links.values()].flatMap(({ evidence }) => evidence.conditions)).not.toContainEqual(
      expect.objectContaining({ corrected: expect.anything() }),
    );
  });

  test('are judged by raw times when the correction is off', () => {
    const off = { ...DEFAULT_ASSEMBLY_OPTIONS, correctClocks: false };
    expect(assembleAll(createSpanIndex(skewed(3_000_000)), off)).toHaveLength(1);
    const apart = assembleAll(createSpanIndex(skewed(5 * SECOND)), off);
    expect(apart.map(({ id }) => id).sort()).toEqual(['page', 'serve1', 'serve2']);
    expect(hostClocksOf(apart).size).toBe(0);
  });

  test('are corrected by clocks that are given', () => {
    const clocks = exactHostClocks(createSpanIndex(skewed(5 * SECOND)));
    // Alone, a half of a request says nothing of the clocks.
    const half = skewed(5 * SECOND)
      .filter(({ id }) => id === 'call1' || id === 'serve1')
      .map((span) => ({ ...span, messageType: 'request' }) as Span);
    expect(assembleAll(createSpanIndex(half))).toHaveLength(2);
    expect(assembleAll(createSpanIndex(half), { ...DEFAULT_ASSEMBLY_OPTIONS, hostClocks: clocks })).toHaveLength(1);
  });

  test('a request that was recorded twice says nothing', () => {
    const twice = [
      ...skewed(SECOND),
      ...skewed(0).map((span) => ({ ...span, id: `${span.id}'`, hostId: 'h3' }) as Span),
    ];
    expect([...exactHostClocks(createSpanIndex(twice)).keys()]).toEqual([]);
  });

  test('are left alone by equal numbers of one direction', () => {
    const spans = [
      testSpan({ id: 'c', host: 'h1', seq: [10, 20] }),
      testSpan({ id: 's', host: 'h2', tapSide: 's-p', seq: [10, 21], start: SECOND }),
    ];
    expect(exactHostClocks(createSpanIndex(spans)).size).toBe(0);
  });
});
