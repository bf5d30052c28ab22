import { describe, expect, test } from 'vitest';
import type { HostId, Nanoseconds, SpanId } from '../base/brand';
import { testSpan, traceFromText } from '../testing/index';
import { assembleTrace } from './assemble';
import { createSpanIndex } from './memory-span-index';
import { explainMissing, type LossInterval } from './missing-links';

const missingOf = (drawing: string) => {
  const spans = traceFromText(drawing);
  return assembleTrace(createSpanIndex(spans), spans[0]!).missing;
};

describe('missing links', () => {
  test('a whole request with its sequence has no caller that was lost', () => {
    expect(missingOf('server [---] s-p web seq=10/20')).toEqual([
      { span: 'server', what: 'parent', signs: [], lossPossible: false },
    ]);
  });

  test.each([
    ['server [---] s-p web', ['no-sequence']],
    ['call   [---] c-p web seq=10/20', ['no-systrace-id']],
    ['call   [---] c-p web sys=1/2', []],
  ])('%s: the root lacks %j', (drawing, kinds) => {
    const [missing] = missingOf(drawing);
    expect(missing!.signs.map(({ kind }) => kind)).toEqual(kinds);
    expect(missing!.lossPossible).toBe(kinds.length > 0);
  });

  test('a half says what it lacks, and why', () => {
    expect(
      missingOf(`
      server  [-------]   s-p web sys=1/2 seq=10/20
      call      [-?       c-p web sys=1/
      notice      [->     c-p web sys=1/
    `),
    ).toEqual([
      { span: 'server', what: 'parent', signs: [], lossPossible: false },
      {
        span: 'call',
        what: 'response',
        signs: [{ kind: 'half-missing', reason: 'no-response-seen' }],
        lossPossible: true,
      },
    ]);
  });

  test.each([
    ['still-open', false],
    ['connection-closed', false],
    ['no-response-seen', true],
    ['older-than-capture', true],
  ] as const)('a half that is %s: loss possible %s', (incomplete, lossPossible) => {
    const span = testSpan({ messageType: 'request', incomplete, systrace: [1] });
    const missing = explainMissing({ root: 'other' as SpanId, roundsExhausted: false, spans: [span] });
    expect(missing).toEqual([
      { span: 'span', what: 'response', signs: [{ kind: 'half-missing', reason: incomplete }], lossPossible },
    ]);
  });

  test('drops count where they fall into the span’s time on its host', () => {
    const span = testSpan({ id: 'a', tapSide: 's-p', start: 100, end: 200, seq: [1, 2] });
    const loss = (host: string, from: number, to: number): LossInterval => ({
      hostId: host as HostId,
      from: from as Nanoseconds,
      to: to as Nanoseconds,
      events: 7,
    });
    const trace = { root: span.id, roundsExhausted: true, spans: [{ ...span, truncated: true }] };
    const [missing] = explainMissing(trace, [loss('h1', 150, 300), loss('h1', 0, 99), loss('h2', 100, 200)]);
    expect(missing).toEqual({
      span: 'a',
      what: 'parent',
      signs: [{ kind: 'truncated' }, { kind: 'events-dropped', events: 7 }, { kind: 'search-stopped' }],
      lossPossible: true,
    });
  });

  test('a connection older than the capture', () => {
    const span = testSpan({ seq: [1, 2], systrace: [1, 2] });
    const old = { ...span, socket: { ...span.socket, preexisting: true } };
    const [missing] = explainMissing({ root: old.id, roundsExhausted: false, spans: [old] });
    expect(missing?.signs).toEqual([{ kind: 'preexisting-socket' }]);
  });
});

describe('pruning', () => {
  test('names the key that a span shares with the tree, or with what led to it', () => {
    const spans = traceFromText(`
      server  [-----]                s-p web sys=1/2
      late             [--]          c-p web sys=2/3
      later                  [--]    c-p web sys=3/4
    `);
    const { pruned, pruning } = assembleTrace(createSpanIndex(spans), spans[0]!);
    expect(pruned).toEqual(['late', 'later']);
    expect(pruning.map(({ span, root, key, with: other }) => [span, root, key, other])).toEqual([
      ['late', 'late', 'systrace|h1|2', 'server'],
      ['later', 'later', 'systrace|h1|3', 'late'],
    ]);
  });
});
