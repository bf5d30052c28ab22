import { describe, expect, test } from 'vitest';
import { assembleTrace } from '../assembly/assemble';
import type { AssembledTrace, ParentLink } from '../assembly/assembled-trace';
import { createSpanIndex } from '../assembly/memory-span-index';
import type { SpanId } from '../base/brand';
import { checkIntegrity } from './check-integrity';
import { traceFromText } from './trace-from-text';

const spans = traceFromText(`
  server  [-----------]  s-p web sys=1/3
  first    [---]         c-p web sys=1/2
  second        [---]    c-p web sys=2/3
`);
const sound = assembleTrace(createSpanIndex(spans), spans[0]!);
const first = sound.links.get('first' as SpanId)!;

const withLink = (changes: Partial<ParentLink>): Partial<AssembledTrace> => ({
  links: new Map(sound.links).set(first.child, { ...first, ...changes }),
});

describe('checkIntegrity', () => {
  test('finds nothing in a sound trace', () => {
    expect(checkIntegrity(sound)).toEqual([]);
  });

  test.each<[string, Partial<AssembledTrace>, string]>([
    ['a missing link', { links: new Map() }, 'first has no link'],
    ['a link of the root', { links: new Map(sound.links).set(sound.root, first) }, 'the root has a parent'],
    ['a foreign parent', withLink({ parent: 'gone' as SpanId }), 'first hangs under gone, which is not in the trace'],
    ['a cycle', withLink({ parent: 'second' as SpanId }), 'first does not follow its parent second depth first'],
    [
      'a failed condition',
      withLink({ evidence: { ...first.evidence, conditions: [{ kind: 'no-cycle', holds: false }] } }),
      'first was linked against a failed condition',
    ],
    [
      'no matched value',
      withLink({ evidence: { ...first.evidence, matched: [] } }),
      'first was linked without a matched value',
    ],
    ['a wrong strength', withLink({ strength: 'weak' }), 'first has a strength that R05 has not'],
    ['wrong order', { spans: [spans[0]!, spans[2]!, spans[1]!] }, 'first follows a later sibling'],
    ['a span twice', { spans: [...spans, spans[2]!] }, 'a span is listed twice'],
    ['a wrong id', { id: 'first' as SpanId }, 'the id is not the root'],
    ['a wrong extent', { end: 1 as AssembledTrace['end'] }, 'end is not the latest'],
    ['pruned and kept', { pruned: [first.child] }, 'first is pruned and in the tree'],
    [
      'a near miss that did not miss',
      { nearMisses: new Map([[first.child, [first.evidence]]]) },
      'first has a near miss by R05 that did not miss',
    ],
  ])('finds %s', (_, changes, problem) => {
    expect(checkIntegrity({ ...sound, ...changes })).toContain(problem);
  });
});
