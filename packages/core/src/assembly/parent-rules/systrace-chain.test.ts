import { describe, expect, test } from 'vitest';
import type { SpanId } from '../../base/brand';
import { traceToText } from '../../testing/index';
import { judgeDrawing, matchedIn } from './rule-cases';

describe('R06 systrace-chain', () => {
  test('a call follows the call before it', () => {
    const verdict = judgeDrawing(`
      server  [---------------]  s-p web sys=7/12
      first    [---]             c-p web sys=7/9
      child         [---]        c-p web sys=9/10
    `);
    expect(verdict.link).toBe('server R06');
    expect(matchedIn(verdict)).toEqual(['systraceIdRequest=systraceIdResponse:9']);
    expect(verdict.trace.links.get('child' as SpanId)?.evidence.via).toBe('first');
  });

  test('or the call after it', () => {
    const verdict = judgeDrawing(`
      server  [---------------]  s-p web sys=7/12
      child         [---]        c-p web sys=9/10
      last              [---]    c-p web sys=10/12
    `);
    expect(verdict.link).toBe('server R06');
    expect(matchedIn(verdict)).toEqual(['systraceIdResponse=systraceIdRequest:10']);
    expect(verdict.trace.links.get('child' as SpanId)?.evidence.via).toBe('last');
  });

  test('is no better proven than the call it came by', () => {
    const verdict = judgeDrawing(`
      other   [----------------]   s-p web sys=7/
      server   [---------------]   s-p web sys=7/12
      first     [---]              c-p web sys=7/9
      child          [---]         c-p web sys=9/10
    `);
    const link = verdict.trace.links.get('child' as SpanId);
    expect([verdict.link, link?.strength]).toEqual(['server R06', 'weak']);
    expect(link?.evidence.conditions.at(-1)).toEqual({ kind: 'by-sibling', holds: true, doubt: 'weak-sibling' });
  });

  test('proves nothing below a one-way message, which has no end', () => {
    const verdict = judgeDrawing(`
      server  [>                   s-p web sys=7/
      first     [---]              c-p web sys=7/9
      child          [---]         c-p web sys=9/10
    `);
    const link = verdict.trace.links.get('child' as SpanId);
    expect([verdict.link, link?.strength]).toEqual(['server R06', 'weak']);
    expect(link?.evidence.conditions.at(-1)).toEqual({ kind: 'by-sibling', holds: true, doubt: 'no-end' });
    expect(verdict.trace.links.get('first' as SpanId)?.strength).toBe('exact');
  });

  test('a chain may run through any number of calls, in both directions', () => {
    const verdict = judgeDrawing(`
      server  [-----------------------]  s-p web sys=1/6
      c1       [-]                       c-p web sys=1/2
      c2          [-]                    c-p web sys=2/3
      child          [-]                 c-p web sys=3/4
      c4                [-]              c-p web sys=4/5
      c5                   [-]           c-p web sys=5/6
    `);
    expect(traceToText(verdict.trace)).toBe('server\n  c1 R05\n  c2 R06\n  child R06\n  c4 R06\n  c5 R05');
  });

  test.each([
    [
      'the call outlasts the server span',
      `
      server  [----------]         s-p web sys=7/12
      first    [---]               c-p web sys=7/9
      child         [--------]     c-p web sys=9/10`,
      'covers',
    ],
    [
      'the sibling’s server span is another process’s',
      `
      server  [---------------]    s-p web sys=7/12
      first    [---]               c-p web sys=7/9
      child         [---]          c-p api sys=9/10`,
      'same-process',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toEqual([`R06 server: ${failed}`]);
  });

  test('a neighbour without a parent lends none', () => {
    const verdict = judgeDrawing(`
      first    [---]      c-p web sys=7/9
      child         [---] c-p web sys=9/10
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test('a neighbour that a later rule accepted lends its parent too', () => {
    const verdict = judgeDrawing(`
      server  [---------------]  s-p web sys=7/12 xid=a/
      first    [---]             c-p web sys=8/9  xid=a/
      child         [---]        c-p web sys=9/10
    `);
    expect(verdict.link).toBe('server R06');
  });

  test('between two server spans the later wins', () => {
    const verdict = judgeDrawing(`
      early   [----------------]  s-p web sys=1/20
      late      [--------------]  s-p web sys=2/21
      c1         [--]             c-p web sys=1/5
      child          [--]         c-p web sys=5/6
      c2                 [--]     c-p web sys=6/21
    `);
    expect(verdict.link).toBe('late R06');
    expect(verdict.missed).toEqual(['R06 early: preferred']);
  });
});
