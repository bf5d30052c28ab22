import type { ParentLink, Span, SpanId } from '@causeway/core';
import { expect, it } from 'vitest';
import { traceViewOf } from '../test-trace-view';
import { buildTraceModel } from '../trace-model';
import { roundSummaries, ruleCounts, slowestSteps } from './overview-facts';

const span = (id: string, start: number, end: number) =>
  ({ id, type: 'sys', comm: id, start, end, status: 'ok' }) as unknown as Span;
const link = (child: string, parent: string, rule: string) => ({ child, parent, rule }) as unknown as ParentLink;

// root  |----------------|   0–100
// a       |------|           10–50
// b           |------|       40–70   overlaps a
const spans = [span('root', 0, 100), span('a', 10, 50), span('b', 40, 70)];
const model = buildTraceModel(
  traceViewOf(spans, {
    end: 100,
    links: [link('a', 'root', 'R05'), link('b', 'root', 'R05')],
    rounds: [
      { round: 1, keysAsked: 2, added: [{ span: 'a' as SpanId, kind: 'tcp-seq', key: 'k' as never }] },
      { round: 2, keysAsked: 1, added: [] },
    ],
  }),
);

it('counts overlapping children once in the time of their parent', () => {
  expect(slowestSteps(model).map((step) => [step.node.id, step.selfNs])).toEqual([
    ['root', 40],
    ['a', 40],
    ['b', 30],
  ]);
});

it('counts edges by rule and tells the rounds', () => {
  expect(ruleCounts(model)).toMatchObject([{ rule: 'R05', count: 2, first: { id: 'a' } }]);
  expect(roundSummaries(model)).toEqual([
    'Round 1: 2 keys asked, 1 span added by TCP sequence.',
    'Round 2: 1 key asked, nothing new.',
  ]);
});
