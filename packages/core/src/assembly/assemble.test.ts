import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpanId } from '../base/brand';
import { NET_TAP_SIDES, type Span } from '../span/span';
import { checkIntegrity, testAppSpan, testNetSpan, testSpan, traceFromText, traceToText } from '../testing/index';
import { assembleAll, assembleAround, assembleTrace, traceSearch } from './assemble';
import type { AssembledTrace } from './assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { exactHostClocks } from './exact-pairs';
import { createSpanIndex } from './memory-span-index';
import { actOut, type CallTree, MAX_PACKETS } from './random-forest';
import { runWithStore } from './related-spans';

const PAGE = `
  edge   [--------------------------------]   s-p nginx      sys=1/9     seq=98/99
  up       [----------------------------]     c-p nginx      sys=1/9     seq=10/20
  node      [--------------------------]      s-p node@h2    sys=1/7     seq=10/20
  redis       [---]                           c-p node@h2    sys=1/2     seq=30/40
  store        [-]                            s-p redis@h2   sys=11/11   seq=30/40
  pg1               [---]                     c-p node@h2    sys=2/3     seq=50/60
  pg2                    [---]                c-p node@h2    sys=3/4     seq=51/61
  pg3                          [--]           c-p node@h2    sys=4/7     seq=52/62
`;
const PAGE_TREE = `edge
  up R05
    node R11
      redis R05
        store R11
      pg1 R06
      pg2 R06
      pg3 R05`;

const callTree = (depth: number): fc.Arbitrary<CallTree> =>
  fc.record({
    process: fc.integer({ min: 1, max: 4 }),
    parallel: fc.boolean(),
    packets: fc.nat(MAX_PACKETS),
    reported: fc.boolean(),
    calls: depth === 0 ? fc.constant([]) : fc.array(callTree(depth - 1), { maxLength: 3 }),
  });

const forest = fc.array(callTree(3), { minLength: 1, maxLength: 6 });

const parentsIn = (traces: readonly AssembledTrace[]) =>
  new Map(traces.flatMap((trace) => [...trace.links.values()].map((link) => [link.child, link.parent] as const)));

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const rest = [...items];
  let state = seed >>> 0 || 1;
  return items.map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return rest.splice(state % rest.length, 1)[0]!;
  });
}

/** Freezes an object and all it holds, so that a write throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

describe('assembleTrace', () => {
  test('climbs from any span to the root of its tree', () => {
    const spans = traceFromText(PAGE);
    const index = createSpanIndex(spans);
    for (const start of spans) {
      const trace = assembleTrace(index, start);
      expect(traceToText(trace)).toBe(PAGE_TREE);
      expect(checkIntegrity(trace)).toEqual([]);
      expect([trace.id, trace.start, trace.end]).toEqual(['edge', 0, 33_000_000]);
    }
  });

  test('names as pruned what is related and not reached', () => {
    const spans = traceFromText(`
      node    [-------]            s-p node sys=1/2
      call      [---]              c-p node sys=1/2
      late                [----]   c-p node sys=2/3
    `);
    const trace = assembleTrace(createSpanIndex(spans), spans[0]!);
    expect(traceToText(trace)).toBe('node\n  call R05');
    expect(trace.pruned).toEqual(['late']);
    expect(trace.pruning).toEqual([
      { span: 'late', root: 'late', kind: 'systrace', key: 'systrace|h1|2', with: 'node' },
    ]);
  });

  test('a store that answers later gives the same trace', async () => {
    const spans = traceFromText(PAGE);
    const index = createSpanIndex(spans);
    for (const start of spans) {
      const later = await runWithStore(traceSearch(start), async ({ keys }) => index.findByKeys(keys).toReversed());
      expect(later).toEqual(assembleTrace(index, start));
    }
  });

  test('rounds that run out cut the trace and say so', () => {
    const calls = Array.from({ length: 100 }, (_, i) =>
      testSpan({ id: `c${i}`, start: 10 + i * 10, end: 15 + i * 10, systrace: [i + 1, i + 2] }),
    );
    const server = testSpan({ id: 'server', tapSide: 's-p', start: 0, end: 10_000, systrace: [1, 500] });
    const index = createSpanIndex([server, ...calls]);
    const cut = assembleTrace(index, server);
    expect(cut.roundsExhausted).toBe(true);
    expect(cut.rounds).toHaveLength(30);
    expect(cut.spans).toHaveLength(31);
    const whole = assembleTrace(index, server, { ...DEFAULT_ASSEMBLY_OPTIONS, maxRounds: 101 });
    expect(whole.roundsExhausted).toBe(false);
    expect(whole.spans).toHaveLength(101);
    expect(checkIntegrity(whole)).toEqual([]);
  });

  test('a reused thread is parted by its systrace ids', () => {
    const spans = traceFromText(`
      s1   [-----]              s-p web tid=7 sys=1/2
      c1     [-]                c-p web tid=7 sys=1/2
      s2            [-----]     s-p web tid=7 sys=3/4
      c2              [-]       c-p web tid=7 sys=3/4
    `);
    const traces = assembleAll(createSpanIndex(spans));
    expect(traces.map(traceToText)).toEqual(['s1\n  c1 R05', 's2\n  c2 R05']);
  });

  test('a sequence pair that comes round again outside the tolerance links nothing', () => {
    const again = 90_000_000_000;
    const spans = [
      testSpan({ id: 'c1', seq: [10, 20] }),
      testSpan({ id: 's1', seq: [10, 20], tapSide: 's-p', pid: 2 }),
      testSpan({ id: 'c2', seq: [10, 20], start: again }),
      testSpan({ id: 's2', seq: [10, 20], start: again, tapSide: 's-p', pid: 2 }),
    ];
    const traces = assembleAll(createSpanIndex(spans));
    expect(traces.map(traceToText)).toEqual(['c1\n  s1 R11', 'c2\n  s2 R11']);
    expect(traces[1]!.nearMisses.get('s2' as SpanId)?.map(({ parent }) => parent)).toEqual(['c1']);
  });
});

describe('assembleAll', () => {
  test('gives random forests back as they were', () => {
    fc.assert(
      fc.property(forest, (trees) => {
        const known = actOut(trees);
        const traces = assembleAll(createSpanIndex(known.spans));
        expect(parentsIn(traces)).toEqual(known.parents);
        expect(traces.flatMap(checkIntegrity)).toEqual([]);
      }),
    );
  });

  test('puts every span into exactly one trace, and assembleTrace finds that one', () => {
    fc.assert(
      fc.property(forest, (trees) => {
        const { spans } = actOut(trees);
        const index = createSpanIndex(spans);
        // Clocks are known better from all spans than from a few; with the same clocks the traces are the same.
        const hostClocks = exactHostClocks(index);
        const traces = assembleAll(index, { ...DEFAULT_ASSEMBLY_OPTIONS, hostClocks });
        expect(traces.flatMap((trace) => trace.spans.map((span) => span.id)).sort()).toEqual(
          spans.map((span) => span.id).sort(),
        );
        const all = { ...DEFAULT_ASSEMBLY_OPTIONS, maxRounds: 1000, hostClocks };
        for (const trace of traces) {
          const found = assembleTrace(index, trace.spans.at(-1)!, all);
          expect({ ...found, rounds: [], pruned: [], pruning: [] }).toEqual(trace);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(confusedSpans, fc.integer(), (spans, seed) => {
        const straight = assembleAll(createSpanIndex(spans));
        const mixed = assembleAll(createSpanIndex(shuffled(spans, seed)));
        expect(mixed).toEqual(straight);
      }),
    );
  });

  test('stays sound however confused the keys are', () => {
    fc.assert(
      fc.property(confusedSpans, (spans) => {
        const traces = assembleAll(createSpanIndex(spans));
        expect(traces.flatMap(checkIntegrity)).toEqual([]);
        expect(traces.reduce((sum, trace) => sum + trace.spans.length, 0)).toBe(spans.length);
      }),
      { numRuns: 300 },
    );
  });

  test('finds the same trace by the search from any span, however confused the keys are', () => {
    fc.assert(
      fc.property(confusedSpans, (spans) => {
        const index = createSpanIndex(spans);
        for (const trace of assembleAll(index)) {
          const found = assembleTrace(index, trace.spans.at(-1)!);
          expect({ ...found, rounds: [], pruned: [], pruning: [] }).toEqual(trace);
        }
      }),
    );
  });

  test('changes nothing that it is given', () => {
    fc.assert(
      fc.property(forest, (trees) => {
        const spans = frozen(actOut(trees).spans);
        const index = createSpanIndex(spans);
        const options = frozen({ ...DEFAULT_ASSEMBLY_OPTIONS });
        const first = frozen(assembleAll(index, options));
        expect(assembleAll(index, options)).toEqual(first);
        assembleTrace(index, spans[0]!, options);
      }),
      { numRuns: 20 },
    );
  });

  test('never closes a cycle: two that would be each other’s parent', () => {
    // One process calling itself twice, each call inside the other by keys and, within tolerance, by time.
    const spans = [
      testSpan({ id: 'c1', systrace: [2, 2], seq: [10, 20] }),
      testSpan({ id: 's1', tapSide: 's-p', systrace: [1, 1], seq: [10, 20] }),
      testSpan({ id: 'c2', systrace: [1, 1], seq: [30, 40] }),
      testSpan({ id: 's2', tapSide: 's-p', systrace: [2, 2], seq: [30, 40] }),
    ];
    const traces = assembleAll(createSpanIndex(spans));
    expect(traces.map(traceToText)).toEqual(['s2\n  c1 R05\n    s1 R11\n      c2 R05']);
    expect(traces[0]!.nearMisses.get('s2' as SpanId)?.[0]?.conditions).toContainEqual({
      kind: 'no-cycle',
      holds: false,
    });
  });

  test('a trace deeper than the stack is no trouble', () => {
    const depth = 20_000;
    const spans: Span[] = [];
    for (let i = 0; i < depth; i += 1) {
      const fields = { start: i * 10, end: 1_000_000 - i * 10, host: 'h1', pid: i };
      spans.push(
        testSpan({ id: `s${i}`, tapSide: 's-p', seq: [2 * i, 2 * i + 1], systrace: [i + 1, i + 1], ...fields }),
      );
      spans.push(testSpan({ id: `c${i}`, seq: [2 * i + 2, 2 * i + 3], systrace: [i + 1, i + 1], ...fields }));
    }
    const traces = assembleAll(createSpanIndex(spans));
    expect(traces).toHaveLength(1);
    expect(traces[0]!.links.size).toBe(2 * depth - 1);
  });

  test('an id that thousands share does not make every pair be compared', () => {
    const spans = Array.from({ length: 5000 }, (_, i) => [
      testSpan({ id: `s${i}`, tapSide: 's-p', start: i * 100, end: i * 100 + 50, traceIds: ['same'], pid: 1 }),
      testSpan({ id: `c${i}`, start: i * 100 + 10, end: i * 100 + 40, traceIds: ['same'], pid: 1 }),
    ]).flat();
    const traces = assembleAll(createSpanIndex(spans));
    expect(traces).toHaveLength(5000);
    expect(traces.every((trace) => trace.spans.length === 2)).toBe(true);
  });

  test('no span, no trace', () => {
    expect(assembleAll(createSpanIndex())).toEqual([]);
  });
});

describe('assembleAround', () => {
  test('spans that arrive one by one, in any order, end in the traces of the whole', () => {
    fc.assert(
      fc.property(forest, fc.integer(), fc.integer({ min: 1, max: 5 }), (trees, seed, batch) => {
        const { spans } = actOut(trees);
        const arriving = shuffled(spans, seed);
        const index = createSpanIndex();
        const hostClocks = exactHostClocks(createSpanIndex(spans));
        const options = { ...DEFAULT_ASSEMBLY_OPTIONS, maxRounds: 1000, hostClocks };
        const listed = new Map<SpanId, AssembledTrace>();
        for (let at = 0; at < arriving.length; at += batch) {
          const more = arriving.slice(at, at + batch);
          index.add(more);
          const { traces, absorbed } = assembleAround(index, more, options);
          for (const id of absorbed) listed.delete(id);
          for (const trace of traces) listed.set(trace.id, trace);
        }
        const whole = new Map(assembleAll(index, options).map((trace) => [trace.id, trace]));
        expect(listed).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});

/** Spans with few different ids, so that keys are shared where they should not be. */
const id = (...values: string[]) => fc.constantFrom('', ...values);
const confusedSpan = fc.record({
  kind: fc.constantFrom('sys' as const, 'sys' as const, 'net' as const, 'app' as const),
  host: fc.constantFrom('h1', 'h2'),
  pid: fc.integer({ min: 1, max: 2 }),
  atServer: fc.boolean(),
  point: fc.constantFrom(...NET_TAP_SIDES),
  start: fc.nat(6),
  length: fc.nat(10),
  messageType: fc.constantFrom('session' as const, 'session' as const, 'request' as const, 'response' as const),
  oneway: fc.boolean(),
  systrace: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  seq: fc.option(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), { nil: undefined }),
  unix: fc.constantFrom(undefined, [1, 2] as const, [2, 1] as const),
  transport: fc.constantFrom('tcp' as const, 'udp' as const, 'unix' as const),
  protocol: fc.constantFrom('http' as const, 'http2' as const),
  requestId: fc.integer({ min: 1, max: 2 }),
  traceIds: fc.subarray(['t1', 't2']),
  xid: fc.tuple(id('x1', 'x2'), id('x1')),
  spanId: id('a', 'b', 'c'),
  parentSpanId: id('a', 'b', 'c'),
  queue: fc.constantFrom('', 'publish', 'deliver', 'fetch'),
});

const confusedSpans = fc.array(confusedSpan, { maxLength: 30 }).map((all) =>
  all.map(({ kind, length, xid, atServer, point, spanId, parentSpanId, queue, seq, unix, ...rest }, i): Span => {
    const fields = {
      ...rest,
      id: `s${i}`,
      end: rest.start + length,
      oneway: rest.oneway && rest.messageType === 'request',
      ...(seq && { seq }),
      ...(unix && { unix }),
      ...(xid[0] && { xRequestIdRequest: xid[0] }),
      ...(xid[1] && { xRequestIdResponse: xid[1] }),
      ...(spanId && { spanId }),
      ...(parentSpanId && { parentSpanId }),
      ...(queue && {
        queueMessages: { action: queue as 'publish', names: [{ basis: 'content' as const, value: 'm' }] },
      }),
    };
    if (kind === 'net') return testNetSpan({ ...fields, tapSide: point });
    if (kind === 'app') return testAppSpan({ ...fields, tapSide: atServer ? 's-app' : 'c-app' });
    return testSpan({ ...fields, tapSide: atServer ? 's-p' : 'c-p' });
  }),
);
