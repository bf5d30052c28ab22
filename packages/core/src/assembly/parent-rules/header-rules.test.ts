import { describe, expect, test } from 'vitest';
import { judgeDrawing, matchedIn } from './rule-cases';

describe('R07 x-request-id-in-process', () => {
  test.each([
    ['passed on in the request', 'xid=a/', 'xid=a/', ['xRequestIdRequest=xRequestIdRequest:a']],
    ['passed back in the response', 'xid=/b', 'xid=/b', ['xRequestIdResponse=xRequestIdResponse:b']],
    ['made by the proxy and told to its client', 'xid=/b', 'xid=b/', ['xRequestIdRequest=xRequestIdResponse:b']],
  ])('links a call whose id was %s', (_, parent, child, matched) => {
    const verdict = judgeDrawing(`
      server  [---------]  s-p web ${parent}
      child     [----]     c-p web ${child}
    `);
    expect(verdict.link).toBe('server R07');
    expect(matchedIn(verdict)).toEqual(matched);
  });

  test('an id that came back in a call’s response and in the server’s request proves nothing', () => {
    const verdict = judgeDrawing(`
      server  [---------]  s-p web xid=a/
      child     [----]     c-p web xid=/a
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test.each([
    [
      'the server span does not cover the call',
      `
      server  [----]       s-p web xid=a/
      child     [-----]    c-p web xid=a/`,
      'covers',
    ],
    [
      'only another process holds the id',
      `
      server  [---------]  s-p web xid=a/
      child     [----]     c-p api xid=a/`,
      'same-process',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toEqual([`R07 server: ${failed}`]);
  });

  test('the latest of several wins', () => {
    const verdict = judgeDrawing(`
      early   [-----------]  s-p web xid=a/
      late      [---------]  s-p web xid=a/
      child       [----]     c-p web xid=a/
    `);
    expect([verdict.link, verdict.missed]).toEqual(['late R07', ['R07 early: preferred']]);
  });
});

describe('R08 trace-id-in-process', () => {
  test('links a call that carries the trace id, weakly', () => {
    const verdict = judgeDrawing(`
      server  [---------]  s-p web trace=t0,t1
      child     [----]     c-p web trace=t1,t2
    `);
    expect(verdict.link).toBe('server R08');
    expect(matchedIn(verdict)).toEqual(['traceIds=traceIds:t1']);
    expect([...verdict.trace.links.values()].map((link) => link.strength)).toEqual(['weak']);
  });

  test.each([
    [
      'the server span does not cover the call',
      `
      server  [----]       s-p web trace=t
      child     [-----]    c-p web trace=t`,
      'covers',
    ],
    [
      'only another process holds the id',
      `
      server  [---------]  s-p web trace=t
      child     [----]     c-p api trace=t`,
      'same-process',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toEqual([`R08 server: ${failed}`]);
  });

  test('comes after the thread: an earlier rule decides, and its near misses stay', () => {
    const verdict = judgeDrawing(`
      other   [--]           s-p web sys=7/8
      server    [---------]  s-p web sys=1/2 trace=t
      child       [----]     c-p web sys=7/9 trace=t
    `);
    expect(verdict.link).toBe('server R08');
    expect(verdict.missed).toEqual(['R05 other: covers']);
  });

  test('near misses are kept for the nearest few only', () => {
    const early = Array.from({ length: 9 }, (_, i) => `s${i}  ${' '.repeat(i)}[-]  s-p web trace=t`).join('\n');
    const verdict = judgeDrawing(`${early}\nchild             [-]  c-p web trace=t`);
    expect(verdict.missed).toEqual(['s8', 's7', 's6', 's5'].map((id) => `R08 ${id}: covers`));
  });
});
