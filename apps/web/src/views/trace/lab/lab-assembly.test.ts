import type { LossInterval, RuleId } from '@causeway/core';
import { assembleTrace, createSpanIndex } from '@causeway/core';
import { traceFromText } from '@causeway/core/testing';
import { describe, expect, it } from 'vitest';
import type { RelatedSpansView } from '../../../api/contract';
import { changesByChild, differenceSentence, goneEdges } from './difference-words';
import { Lab } from './lab-assembly';
import { type LabOptions, USUAL } from './lab-options';

const spans = traceFromText(`
  in        [-----------]             s-p proxy    sys=1/2 seq=10/20 trace=t
  out        [---------]              c-p proxy    sys=1/2 seq=30/40
  work        [-------]               s-p api@h2   sys=5/6 seq=30/40
  query        [----]                 c-p api@h2   sys=5/6 seq=50/60
  other                    [------]   s-p proxy    sys=8/9 seq=70/80 trace=t
`);
const related: RelatedSpansView = { start: spans[2]!.id, spans, omitted: 0, losses: [] };
const lab = new Lab(related);
const ask = (options: Partial<LabOptions>, others = false) =>
  lab.assemble({ options: { ...USUAL, ...options }, others });
const off = (...rules: RuleId[]) => ({ off: rules });
const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);

describe('the rule lab', () => {
  it('by the usual options gives what the server gives', () => {
    const trace = assembleTrace(createSpanIndex(spans), spans[2]!);
    const { view, difference } = ask({});
    expect(view.spans).toEqual(trace.spans);
    expect(view.links).toEqual([...trace.links.values()]);
    expect(view).toMatchObject({ start: trace.start, end: trace.end, rounds: trace.rounds });
    expect(differenceSentence(difference)).toBe('Nothing changes.');
  });

  it('without a rule shows both parts, that of the page’s span first', () => {
    const { view, difference } = ask(off('R11'));
    expect(ids(view.spans)).toEqual(['work', 'query', 'in', 'out']);
    expect(differenceSentence(difference)).toBe('1 edge lost; 2 as before.');
    expect(goneEdges(difference)).toMatchObject([{ child: 'work', parent: 'out', rule: 'R11' }]);
  });

  it('tells an edge that another rule draws', () => {
    const { difference } = ask(off('R05'));
    expect([...changesByChild(difference)]).toEqual([]);
    expect(goneEdges(difference).map(({ child }) => child)).toEqual(['out', 'query']);
  });

  it('takes tolerances: nothing is that near', () => {
    expect(differenceSentence(ask({ delay: 0, offset: 0 }).difference)).toBe('1 edge lost; 2 as before.');
  });

  it('shows what was left out, when asked to', () => {
    expect(ids(ask({}).view.spans)).not.toContain('other');
    const { view, leftOut, hiddenOthers } = ask({}, true);
    expect(ids(view.spans).at(-1)).toBe('other');
    expect([leftOut, hiddenOthers]).toEqual([['other'], 0]);
  });

  it('says of each part whether loss explains its missing parent', () => {
    const loss = { hostId: spans[0]!.hostId, from: spans[0]!.start, to: spans[0]!.end, events: 3 } as LossInterval;
    const { view } = new Lab({ ...related, losses: [loss] }).assemble({
      options: { ...USUAL, off: ['R11'] },
      others: false,
    });
    const dropped = view.missing.map(({ span, signs }) => [span, signs.some(({ kind }) => kind === 'events-dropped')]);
    expect(dropped).toEqual([
      ['work', false],
      ['in', true],
    ]);
  });

  it('is plain data, as it comes from a worker', () => {
    const answer = ask(off('R11'));
    expect(structuredClone(answer)).toEqual(answer);
  });
});
