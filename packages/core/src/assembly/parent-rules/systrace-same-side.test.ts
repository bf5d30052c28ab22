import { describe, expect, test } from 'vitest';
import type { SpanId } from '../../base/brand';
import { judgeDrawing, matchedIn } from './rule-cases';

describe('R05 systrace-same-side', () => {
  test.each([
    ['the request ids are equal', 'sys=7/9', 'sys=7/8', ['systraceIdRequest=systraceIdRequest:7']],
    ['the response ids are equal', 'sys=7/9', 'sys=8/9', ['systraceIdResponse=systraceIdResponse:9']],
    [
      'both are equal',
      'sys=7/9',
      'sys=7/9',
      ['systraceIdRequest=systraceIdRequest:7', 'systraceIdResponse=systraceIdResponse:9'],
    ],
    ['the server span has one id for both', 'sys=7/7', 'sys=7/8', ['systraceIdRequest=systraceIdRequest:7']],
  ])('links a call when %s', (_, parent, child, matched) => {
    const verdict = judgeDrawing(`
      server  [---------]  s-p web ${parent}
      child     [----]     c-p web ${child}
    `);
    expect(verdict.link).toBe('server R05');
    expect(verdict.missed).toEqual([]);
    expect(matchedIn(verdict)).toEqual(matched);
  });

  test('covers is measured on both edges', () => {
    const { trace } = judgeDrawing(`
      server  [---------]  s-p web sys=7/9
      child     [----]     c-p web sys=7/8
    `);
    expect(trace.links.get('child' as SpanId)?.evidence.conditions).toEqual([
      { kind: 'same-process', holds: true, childPid: 101, parentPid: 101 },
      { kind: 'covers', holds: true, startMargin: 2_000_000, endMargin: 3_000_000 },
    ]);
  });

  test.each([
    [
      'the call ends after the server span',
      `
      server  [-----]      s-p web sys=7/9
      child     [-------]  c-p web sys=7/8`,
      'covers',
    ],
    [
      'the call starts before it',
      `
      server    [-----]    s-p web sys=7/9
      child   [---]        c-p web sys=7/8`,
      'covers',
    ],
    [
      'the call is another process’s',
      `
      server  [---------]  s-p web sys=7/9
      child     [----]     c-p api sys=7/8`,
      'same-process',
    ],
    [
      'a request’s id equals a response’s',
      `
      server  [---------]  s-p web sys=7/9
      child     [----]     c-p web sys=9/10`,
      'field-equal',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toEqual([`R05 server: ${failed}`]);
  });

  test('an equal id of another host says nothing', () => {
    const verdict = judgeDrawing(`
      server  [---------]  s-p web@h1 sys=7/9
      child     [----]     c-p web@h2 sys=7/8
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test('the sides may be crossed when one of the two is one-way', () => {
    const verdict = judgeDrawing(`
      server  [---------]  s-p web sys=7/9
      child         [-->   c-p web sys=9/
    `);
    expect(verdict.link).toBe('server R05');
    expect(matchedIn(verdict)).toEqual(['systraceIdRequest=systraceIdResponse:9']);
  });

  test.each(['[--?', '[-->'])(
    'a server span without a response (%s) has no known end, so a call may outlast it',
    (shape) => {
      const { link, trace } = judgeDrawing(`
      server  ${shape}           s-p web sys=7/
      child     [----]     c-p web sys=7/8
    `);
      expect(link).toBe('server R05');
      expect(trace.links.get('child' as SpanId)?.evidence.conditions).toContainEqual({
        kind: 'covers',
        holds: true,
        startMargin: 2_000_000,
        endMargin: -4_000_000,
        open: 'end',
      });
    },
  );

  test('a server span whose request was not seen has no known start, but an end', () => {
    expect(
      judgeDrawing(`
      server      ?-----]  s-p web sys=/9
      child     [----]     c-p web sys=8/9
    `).link,
    ).toBe('server R05');
    expect(
      judgeDrawing(`
      server      ?--]     s-p web sys=/9
      child     [------]   c-p web sys=8/9
    `).missed,
    ).toEqual(['R05 server: covers']);
  });

  test('of several that cover the call the latest wins and the others say so', () => {
    const verdict = judgeDrawing(`
      early   [-----------]  s-p web sys=7/9
      late      [---------]  s-p web sys=7/11
      child       [----]     c-p web sys=7/8
    `);
    expect(verdict.link).toBe('late R05');
    expect(verdict.trace.links.get('child' as SpanId)?.strength).toBe('weak');
    expect(verdict.missed).toEqual(['R05 early: preferred']);
    const conditions = verdict.trace.links.get('child' as SpanId)!.evidence.conditions;
    expect(conditions).toContainEqual({ kind: 'preferred', holds: true, by: 'latest-start', winner: 'late' });
  });

  test('switched off it neither links nor reports', () => {
    const drawing = `
      server  [---------]  s-p web sys=7/9
      child     [----]     c-p web sys=7/8`;
    const verdict = judgeDrawing(drawing, { disabledRules: new Set(['R05']) });
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
    expect(verdict.trace.pruned).toEqual(['server']);
  });
});
