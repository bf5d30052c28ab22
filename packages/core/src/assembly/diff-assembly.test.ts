import { describe, expect, test } from 'vitest';
import { traceFromText } from '../testing/index';
import { assembleAll, assembleTrace } from './assemble';
import type { AssemblyOptions } from './assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { diffAssembly } from './diff-assembly';
import { createSpanIndex } from './memory-span-index';

const SPANS = traceFromText(`
  early    [-------------]   s-p  web  sys=1/9 trace=t
  late       [-----------]   s-p  web  sys=2/8 trace=t
  call         [-----]       c-p  web  sys=1/3 trace=t   seq=10/20
  served        [---]        s-p  api  seq=10/20         pub=id:m
  mail                [-]    s-p  mta  sub=id:m
`);
const index = createSpanIndex(SPANS);
const withOptions = (options: Partial<AssemblyOptions>) =>
  assembleAll(index, { ...DEFAULT_ASSEMBLY_OPTIONS, ...options });
const without = (...rules: readonly ('R05' | 'R08' | 'R11' | 'X05')[]) =>
  withOptions({ disabledRules: new Set(rules) });

describe('diffAssembly', () => {
  test('nothing differs from itself', () => {
    const all = assembleAll(index);
    expect(diffAssembly(all, all)).toEqual({
      gained: [],
      lost: [],
      moved: [],
      relabelled: [],
      unchanged: 2,
      spanLinksGained: [],
      spanLinksLost: [],
    });
  });

  test('names what moves when a rule is left out', () => {
    const { moved, unchanged } = diffAssembly(assembleAll(index), without('R05'));
    expect(
      moved.map(({ child, before, after }) => [child, before.parent, before.rule, after.parent, after.rule]),
    ).toEqual([['call', 'early', 'R05', 'late', 'R08']]);
    expect(unchanged).toBe(1);
  });

  test('names what is lost and, the other way round, what is gained', () => {
    const [all, less] = [assembleAll(index), without('R11', 'X05')];
    const lost = diffAssembly(all, less);
    expect([lost.lost.map(({ child }) => child), lost.gained]).toEqual([['served'], []]);
    expect(lost.spanLinksLost.map(({ from, to }) => `${from} ⇢ ${to}`)).toEqual(['served ⇢ mail']);
    const gained = diffAssembly(less, all);
    expect([gained.gained.map(({ child }) => child), gained.lost]).toEqual([['served'], []]);
    expect(gained.spanLinksGained).toHaveLength(1);
  });

  test('the same parent by another rule is a change of its own', () => {
    const spans = createSpanIndex(SPANS.filter(({ id }) => id !== 'late'));
    const options = { ...DEFAULT_ASSEMBLY_OPTIONS, disabledRules: new Set(['R05'] as const) };
    const { relabelled, moved } = diffAssembly(assembleAll(spans), assembleAll(spans, options));
    expect(relabelled.map(({ child, before, after }) => [child, before.rule, after.rule])).toEqual([
      ['call', 'R05', 'R08'],
    ]);
    expect(moved).toEqual([]);
  });

  test('takes single traces as well', () => {
    const call = SPANS[2]!;
    const narrow = { ...DEFAULT_ASSEMBLY_OPTIONS, disabledRules: new Set(['R11'] as const) };
    const { lost } = diffAssembly(assembleTrace(index, call), assembleTrace(index, call, narrow));
    expect(lost.map(({ child }) => child)).toEqual(['served']);
  });
});
