import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkIntegrity, traceFromText } from '../testing/index';
import { assembleAll, assembleRelated, assembleTrace } from './assemble';
import type { AssemblyOptions, RuleId } from './assembled-trace';
import { RULE_IDS } from './assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { createSpanIndex } from './memory-span-index';
import { actOut, type CallTree } from './random-forest';
import { whatIf } from './what-if';

const without = (...rules: RuleId[]): AssemblyOptions => ({
  ...DEFAULT_ASSEMBLY_OPTIONS,
  disabledRules: new Set(rules),
});
const rootsOf = (traces: readonly { readonly root: string }[]) => traces.map(({ root }) => root);

/** A proxy and what is behind it; another request of the same proxy shares a systrace id with neither. */
const PROXIED = `
  in        [-----------]    s-p proxy    sys=1/2 seq=10/20
  out        [---------]     c-p proxy    sys=1/2 seq=30/40
  work        [-------]      s-p api@h2   sys=5/6 seq=30/40
  query        [----]        c-p api@h2   sys=5/6 seq=50/60
`;

describe('what becomes of a trace', () => {
  const spans = traceFromText(PROXIED);
  const index = createSpanIndex(spans);
  const by = (before: AssemblyOptions, after: AssemblyOptions, start = 0) =>
    whatIf(index, spans[start]!, before, after);

  test('nothing, by the same options', () => {
    const same = by(DEFAULT_ASSEMBLY_OPTIONS, DEFAULT_ASSEMBLY_OPTIONS);
    expect(same.difference).toMatchObject({ gained: [], lost: [], moved: [], relabelled: [], unchanged: 3 });
    expect(same.after).toEqual(same.before);
    expect(same.others).toEqual([]);
  });

  test('without a rule it falls apart, and both parts are told, from whichever span one asks', () => {
    for (const start of spans.keys()) {
      const { before, after, difference } = by(DEFAULT_ASSEMBLY_OPTIONS, without('R11'), start);
      expect(rootsOf(before)).toEqual(['in']);
      expect(rootsOf(after)).toEqual(['in', 'work']);
      expect(difference).toMatchObject({ lost: [{ child: 'work', rule: 'R11' }], gained: [], moved: [], unchanged: 2 });
    }
  });

  test('with a rule again it grows together', () => {
    const { before, after, difference } = by(without('R11'), DEFAULT_ASSEMBLY_OPTIONS, 3);
    expect(rootsOf(before)).toEqual(['in', 'work']);
    expect(rootsOf(after)).toEqual(['in']);
    expect(difference.gained).toMatchObject([{ child: 'work', parent: 'out', rule: 'R11' }]);
  });

  test('fewer rounds find less of it: what was not found is gone with its edges', () => {
    const { after, difference } = by(DEFAULT_ASSEMBLY_OPTIONS, { ...DEFAULT_ASSEMBLY_OPTIONS, maxRounds: 1 });
    expect(after.flatMap((trace) => trace.spans.map(({ id }) => id))).toEqual(['in', 'out']);
    expect(difference.lost.map(({ child }) => child)).toEqual(['work', 'query']);
  });

  test('trees that the change does not touch stand apart', () => {
    const crowd = traceFromText(`
      one     [----]         s-p api  sys=1/2 trace=t
      two            [----]  s-p api  sys=3/4 trace=t
      call     [--]          c-p api  sys=1/2
    `);
    const { before, after, others } = whatIf(
      createSpanIndex(crowd),
      crowd[0]!,
      DEFAULT_ASSEMBLY_OPTIONS,
      without('R05'),
    );
    expect([rootsOf(before), rootsOf(after), rootsOf(others)]).toEqual([['one'], ['one', 'call'], ['two']]);
  });
});

const requests = (depth: number): fc.Arbitrary<CallTree> =>
  fc.record({
    process: fc.integer({ min: 1, max: 3 }),
    calls: depth === 0 ? fc.constant([]) : fc.array(requests(depth - 1), { maxLength: 3 }),
    parallel: fc.boolean(),
    packets: fc.nat(1),
    reported: fc.boolean(),
  });

test('of any forest: the tree of the start is that of the search, and the sides hold the same spans', () => {
  fc.assert(
    fc.property(
      fc.array(requests(2), { minLength: 1, maxLength: 3 }),
      fc.subarray([...RULE_IDS]),
      fc.nat(),
      (trees, off, at) => {
        const { spans } = actOut(trees);
        const index = createSpanIndex(spans);
        const start = spans[at % spans.length]!;
        const options = without(...off);
        const { before, after, others } = whatIf(index, start, DEFAULT_ASSEMBLY_OPTIONS, options);
        const all = assembleRelated(index, start, options);
        expect(new Set([...after, ...others].map(({ root }) => root))).toEqual(new Set(rootsOf(all)));
        const tree = assembleTrace(index, start, options);
        expect(after.find(({ root }) => root === tree.root)?.spans).toEqual(tree.spans);
        for (const trace of after) expect(checkIntegrity(trace)).toEqual([]);
        const ids = (traces: typeof before) => new Set(traces.flatMap((trace) => trace.spans.map(({ id }) => id)));
        expect(ids(after)).toEqual(ids(before));
        // The whole capture assembled at once knows these trees too: a search that ran to its end is closed.
        const whole = new Set(rootsOf(assembleAll(index, options)));
        expect(all.every(({ root }) => whole.has(root))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
