import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssociationKey } from '../association/association-key';
import { associationKeys } from '../association/span-keys';
import type { SpanId, SystraceId } from '../base/brand';
import { testSpan } from '../testing/index';
import { createSpanIndex } from './memory-span-index';

const smallSpan = fc
  .record({
    host: fc.constantFrom('h1', 'h2'),
    tapSide: fc.constantFrom('c-p' as const, 's-p' as const),
    start: fc.nat(20),
    pid: fc.integer({ min: 1, max: 2 }),
    request: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    seq: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    traceIds: fc.array(fc.constantFrom('t1', 't2'), { maxLength: 2 }),
    xid: fc.constantFrom('', 'x1', 'x2'),
  })
  .map(({ request, seq, xid, ...rest }) => ({
    ...rest,
    systrace: [request] as const,
    seq: [seq] as const,
    xRequestIdRequest: xid,
  }));
const someSpans = fc
  .array(smallSpan, { maxLength: 40 })
  .map((all) => all.map((fields, i) => testSpan({ id: `s${i}`, ...fields })));

describe('span index', () => {
  test('finds exactly the spans that hold one of the keys, in the order they were added', () => {
    fc.assert(
      fc.property(someSpans, fc.nat(), (spans, pick) => {
        const index = createSpanIndex(spans);
        const keys = [...new Set(spans.flatMap(associationKeys))].filter((_, i) => (pick >> (i % 16)) & 1);
        const expected = spans.filter((span) => associationKeys(span).some((key) => keys.includes(key)));
        expect(index.findByKeys(keys)).toEqual(expected);
      }),
    );
  });

  test('offers as candidates all spans of the role that share a key, nearest start first', () => {
    fc.assert(
      fc.property(someSpans, (spans) => {
        const index = createSpanIndex(spans);
        for (const child of spans) {
          const found = index.candidates(child, { key: 'trace-id', role: 'server', within: 'process' }, 100);
          const expected = spans.filter(
            (span) =>
              span.tapSide === 's-p' &&
              span.hostId === child.hostId &&
              span.pid === child.pid &&
              span.traceIds.some((id) => child.traceIds.includes(id)),
          );
          expect(found.map((at) => index.at(at).id).sort()).toEqual(expected.map((span) => span.id).sort());
          const distances = found.map((at) => Math.abs(index.at(at).start - child.start));
          expect(distances).toEqual(distances.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  test('of a crowd that shares one id it offers those that start nearest, also after it has grown', () => {
    const crowd = Array.from({ length: 300 }, (_, i) =>
      testSpan({ id: `s${i}`, tapSide: 's-p', start: ((i * 7) % 300) * 10, traceIds: ['t'] }),
    );
    const child = testSpan({ id: 'child', start: 1001, traceIds: ['t'] });
    const index = createSpanIndex(crowd);
    const starts = () =>
      index
        .candidates(child, { key: 'trace-id', role: 'server', within: 'process' }, 3)
        .map((at) => index.at(at).start as number);
    expect(starts()).toEqual([1000, 1010, 990]);
    index.add([testSpan({ id: 'new', tapSide: 's-p', start: 1002, traceIds: ['t'] })]);
    expect(starts()).toEqual([1000, 1002, 1010].sort((a, b) => Math.abs(a - 1001) - Math.abs(b - 1001)));
  });

  test('keeps the first of two spans with one id', () => {
    const index = createSpanIndex([testSpan({ id: 'a', start: 1 }), testSpan({ id: 'a', start: 2 })]);
    expect(index.size).toBe(1);
    expect(index.get('a' as SpanId)?.start).toBe(1);
    expect(index.positionOf('b' as SpanId)).toBeUndefined();
  });

  test('an unknown key finds nothing', () => {
    const index = createSpanIndex([testSpan({ systrace: [1, 2] })]);
    expect(index.findByKeys(['systrace|h1|3', 'systrace|h2|1', 'trace-id||'] as AssociationKey[])).toEqual([]);
  });

  test('puts a span in the place of the one with its id, under the keys of both', () => {
    const [old, other] = [testSpan({ id: 'a', systrace: [1, 2] }), testSpan({ id: 'b', systrace: [9, 9] })];
    const index = createSpanIndex([old, other]);
    const replaced = { ...old, systraceIdConnect: 9 as SystraceId };
    index.replace([replaced, testSpan({ id: 'c' })]);
    expect([index.size, index.get('a' as SpanId), index.positionOf('a' as SpanId)]).toEqual([3, replaced, 0]);
    const found = (id: number) => index.findByKeys([`systrace|h1|${id}` as AssociationKey]).map((span) => span.id);
    expect([found(1), found(9)]).toEqual([['a'], ['a', 'b']]);
  });
});
