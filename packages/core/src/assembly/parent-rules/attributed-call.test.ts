import { describe, expect, it } from 'vitest';
import type { AttributionCandidate } from '../../attribution/attribution';
import type { SpanId, SystraceId } from '../../base/brand';
import type { Span } from '../../span/span';
import { checkIntegrity, traceFromText } from '../../testing/index';
import { assembleTrace } from '../assemble';
import type { RuleId } from '../assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from '../assembly-options';
import { createSpanIndex } from '../memory-span-index';

const DRAWING = `
  first   [------------------]    s-p node sys=3/9
  second    [----------------]    s-p node sys=4/10
  child         [------]          c-p node sys=4/11
`;

const candidate = (parent: string, systraceId: number, probability: number): AttributionCandidate => ({
  parent: parent as SpanId,
  systraceId: systraceId as SystraceId,
  probability,
  signs: [{ kind: 'turn', before: 0, weight: 1.5 }],
});

function assemble(candidates: readonly AttributionCandidate[], drawing = DRAWING, disabled: readonly RuleId[] = []) {
  const spans: Span[] = traceFromText(drawing).map((span) =>
    span.id === 'child' ? { ...span, attribution: { candidates } } : span,
  );
  const options = { ...DEFAULT_ASSEMBLY_OPTIONS, disabledRules: new Set(disabled) };
  const child = spans.find((span) => span.id === 'child')!;
  const trace = assembleTrace(createSpanIndex(spans), child, options);
  expect(checkIntegrity(trace)).toEqual([]);
  return { link: trace.links.get(child.id), missed: trace.nearMisses.get(child.id) ?? [] };
}

describe('X04 attributed-call', () => {
  it('hangs the call under the request it was attributed to, with the probability and all signs', () => {
    const { link } = assemble([candidate('first', 3, 0.9), candidate('second', 4, 0.1)]);
    expect(link).toMatchObject({ parent: 'first', rule: 'X04', strength: 'inferred', probability: 0.9 });
    expect(link?.evidence.matched).toEqual([{ child: 'attribution', parent: 'systraceIdRequest', value: '3' }]);
    expect(link?.evidence.conditions.map(({ kind }) => kind)).toEqual(['same-process', 'likeliest', 'sign']);
  });

  it('keeps what it could have been as a near miss', () => {
    const { missed } = assemble([candidate('first', 3, 0.9), candidate('second', 4, 0.1)]);
    expect(missed).toHaveLength(1);
    expect(missed[0]).toMatchObject({ rule: 'X04', parent: 'second' });
    expect(missed[0]!.conditions).toContainEqual({
      kind: 'likeliest',
      holds: false,
      probability: 0.1,
      best: 'first',
      bestProbability: 0.9,
    });
  });

  it('finds the request by the id alone under which it was read', () => {
    const far = DRAWING.replace('sys=4/11', 'sys=20/21');
    expect(assemble([candidate('first', 3, 0.7)], far).link?.parent).toBe('first');
  });

  it('is refused when the request belongs to another process', () => {
    const elsewhere = DRAWING.replace('s-p node sys=3/9', 's-p other sys=3/9');
    const { link, missed } = assemble([candidate('first', 3, 0.9)], elsewhere);
    expect(link?.rule).toBe('R05');
    expect(missed.some(({ rule, conditions }) => rule === 'X04' && conditions.some(({ holds }) => !holds))).toBe(true);
  });

  it('can be switched off: then the thread decides as before', () => {
    expect(assemble([candidate('first', 3, 0.9)], DRAWING, ['X04']).link).toMatchObject({
      parent: 'second',
      rule: 'R05',
    });
  });
});
