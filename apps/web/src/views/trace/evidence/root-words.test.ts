import type { RuleEvidence, Span, SpanId } from '@causeway/core';
import { expect, it } from 'vitest';
import { traceViewOf } from '../test-trace-view';
import { buildTraceModel, type TraceModel } from '../trace-model';
import { explainRoot } from './root-words';

const id = (name: string) => name as SpanId;
const span = (name: string, more: object = {}) =>
  ({
    id: id(name),
    type: 'sys',
    tapSide: 's-p',
    comm: 'nginx',
    start: 0,
    end: 10,
    status: 'ok',
    src: { address: '10.0.0.9', port: 4312 },
    socket: { preexisting: false },
    ...more,
  }) as unknown as Span;

function modelOf(root: Span, more: object = {}): TraceModel {
  return buildTraceModel(traceViewOf([root], more));
}

it('says that nothing shares a key, and where the request came from', () => {
  const model = modelOf(span('a'));
  const explanation = explainRoot(model.nodes[0]!, model, undefined);
  expect(explanation.finding).toBe('No span shares a key with it.');
  expect(explanation.reasons.join()).toContain('10.0.0.9:4312');
  expect(explanation.doubts).toEqual([]);
});

it('points to the near misses and to an unfinished search', () => {
  const miss: RuleEvidence = { rule: 'R11', child: id('a'), parent: id('x'), matched: [], conditions: [] };
  const rounds = [{ round: 1, keysAsked: 2, added: [] }];
  const model = modelOf(span('a'), { nearMisses: [miss], roundsExhausted: true, rounds });
  const explanation = explainRoot(model.nodes[0]!, model, undefined);
  expect(explanation.finding).toContain('One candidate shared a key');
  expect(explanation.doubts[0]).toContain('after 1 round');
});

it('says of a client what it may have been', () => {
  const model = modelOf(span('a', { tapSide: 'c-p', comm: 'curl' }));
  expect(explainRoot(model.nodes[0]!, model, undefined).reasons[0]).toContain('curl made this call');
});
