import { describe, expect, it } from 'vitest';
import { judgeDrawing, matchedIn } from './rule-cases';

describe('X03 socket-context', () => {
  it('goes by the connect call, whatever the thread read before it could write', () => {
    const verdict = judgeDrawing(`
      first    [--------------------]  s-p nginx sys=7/9
      second      [------------------] s-p nginx sys=8/10
      child         [---------]        c-p nginx sys=8/9 con=7
    `);
    expect(verdict.link).toBe('first X03');
    expect(verdict.trace.links.get(verdict.trace.spans[1]!.id)?.strength).toBe('exact');
    expect(matchedIn(verdict)).toEqual(['systraceIdConnect=systraceIdRequest:7']);
  });

  it.each([
    ['another process', 'first [-----] s-p other sys=7/9', 'X03 first: same-process'],
    ['a parent that ended before', 'first [--] s-p nginx sys=7/9', 'X03 first: covers'],
  ])('is refused by %s', (_, parent, missed) => {
    const verdict = judgeDrawing(`
      ${parent}
      child   [---] c-p nginx sys=8/8 con=7
    `);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toContain(missed);
  });

  it('is weak when several requests were read under the id', () => {
    const verdict = judgeDrawing(`
      first   [---------]  s-p nginx sys=7/9
      second   [---------] s-p nginx sys=7/10
      child      [---]     c-p nginx sys=8/11 con=7
    `);
    expect(verdict.link).toBe('second X03');
    expect(verdict.trace.links.get('child' as never)?.strength).toBe('weak');
    expect(verdict.missed).toEqual(['X03 first: preferred']);
  });

  it('leaves the other calls to the thread', () => {
    const verdict = judgeDrawing(`
      parent [---------] s-p nginx sys=7/9
      child    [---]     c-p nginx sys=7/9
    `);
    expect(verdict.link).toBe('parent R05');
  });

  it('can be switched off', () => {
    const drawing = `
      first    [--------------------]  s-p nginx sys=7/9
      second      [------------------] s-p nginx sys=8/10
      child         [---------]        c-p nginx sys=8/11 con=7
    `;
    expect(judgeDrawing(drawing, { disabledRules: new Set(['X03']) }).link).toBe('second R05');
  });
});
