import { describe, expect, test } from 'vitest';
import { traceFromText, traceToText } from '../../testing/index';
import { assembleAll, assembleTrace } from '../assemble';
import { createSpanIndex } from '../memory-span-index';
import { judgeDrawing, matchedIn } from './rule-cases';

describe('R15 gateway-x-request-id', () => {
  test.each([
    ['passed on in the request', 'xid=a/', 'xid=a/', ['xRequestIdRequest=xRequestIdRequest:a']],
    ['passed back in the response', 'xid=/b', 'xid=/b', ['xRequestIdResponse=xRequestIdResponse:b']],
    ['made by the gateway', 'xid=/b', 'xid=b/', ['xRequestIdRequest=xRequestIdResponse:b']],
  ])('links across a gateway by an id %s, weakly', (_, before, behind, matched) => {
    const verdict = judgeDrawing(`
      before  [---------]   s-gw  eth0@gw  seq=10/20 ${before}
      child     [-----]     c-gw  eth1@gw  seq=30/40 ${behind}
    `);
    expect(verdict.link).toBe('before R15');
    expect(matchedIn(verdict)).toEqual(matched);
    expect([...verdict.trace.links.values()].map(({ strength }) => strength)).toEqual(['weak']);
  });

  test('joins the last point of one path to the first of the next, from whichever span it is looked at', () => {
    const spans = traceFromText(`
      client    [-----------------]   c-p   curl     seq=10/20 xid=a/
      ingress    [---------------]    s-gw  eth0@gw  seq=10/20 xid=a/
      egress       [-----------]      c-gw  eth1@gw  seq=30/40 xid=a/
      server        [---------]       s-p   api@h2   seq=30/40 xid=a/
      call            [-----]         c-p   api@h2   seq=50/60 xid=a/
      backend           [-]           s-p   db@h3    seq=90/91 xid=a/
    `);
    const tree = 'client\n  ingress R09\n    egress R15\n      server R10\n        call R07\n          backend R15';
    const index = createSpanIndex(spans);
    expect(assembleAll(index).map(traceToText)).toEqual([tree]);
    for (const start of spans) expect(traceToText(assembleTrace(index, start))).toBe(tree);
  });

  test('of several the closest duration is the next', () => {
    const verdict = judgeDrawing(`
      first   [-----------]   s-gw  eth0@gw1  seq=10/20 xid=a/
      second    [-------]     s-gw  eth0@gw2  seq=30/40 xid=a/
      child      [-----]      s-p   api@h2    seq=50/60 xid=a/
    `);
    expect(verdict.link).toBe('second R15');
    expect(verdict.missed).toEqual(['R15 first: preferred']);
  });

  test.each([
    [
      'the candidate is not the last on its path',
      `
      before  [---------]   c     eth0@h1  seq=10/20 xid=a/
      behind   [-------]    c-nd  ens3@h1  seq=10/20 xid=
      child     [-----]     c-gw  eth1@gw  seq=30/40 xid=a/`,
      'last-on-path',
    ],
    [
      'it starts too late by another clock',
      `
      before  [---------]   s-gw  eth0@gw  seq=10/20 xid=a/ start=+14 end=+14
      child     [-----]     s-p   api@h2   seq=30/40 xid=a/`,
      'starts-first',
    ],
    [
      'it does not last as long',
      `
      before  [---]         s-gw  eth0@gw  seq=10/20 xid=a/
      child     [-----]     s-p   api@h2   seq=30/40 xid=a/`,
      'outlasts',
    ],
    [
      'it does not cover the child by one clock',
      `
      before  [---]         s-gw  eth0@gw  seq=10/20 xid=a/
      child     [-----]     c-gw  eth1@gw  seq=30/40 xid=a/`,
      'covers',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R15 before: ${failed}`]]);
  });

  test('a path that has a beginning already is told so', () => {
    const verdict = judgeDrawing(
      `
      before  [-----------]   s-gw  eth0@gw  seq=10/20 xid=a/
      head      [-------]     c-gw  eth1@gw  seq=30/40
      child      [-----]      s-nd  ens3@h2  seq=30/40 xid=a/`,
      { disabledRules: new Set(['R09']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, ['R15 before: first-on-path']]);
  });

  test('two sightings of one message are never a gateway', () => {
    const verdict = judgeDrawing(`
      before  [---------]   c-p web     seq=10/20 xid=a/
      child     [-----]     s-p api@h2  seq=10/20 xid=a/ start=+80 end=+80
    `);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toEqual(['R11 before: within-tolerance, within-tolerance']);
  });
});

describe('R16 gateway-stream-id', () => {
  test.each(['http2', 'grpc'])('links %s streams of one number in one trace', (protocol) => {
    const verdict = judgeDrawing(`
      before  [---------]   s-gw  eth0@gw  seq=10/20 proto=${protocol} id=5 trace=t
      child     [-----]     c-gw  eth1@gw  seq=30/40 proto=http2 id=5 trace=t
    `);
    expect(verdict.link).toBe('before R16');
    expect(matchedIn(verdict)).toEqual(['requestId=requestId:5', 'traceIds=traceIds:t']);
  });

  test.each([
    ['another protocol', 'proto=http id=5 trace=t'],
    ['another stream', 'proto=http2 id=7 trace=t'],
    ['another trace', 'proto=http2 id=5 trace=u'],
  ])('%s says nothing', (_, child) => {
    const verdict = judgeDrawing(
      `
      before  [---------]   s-gw  eth0@gw  seq=10/20 proto=http2 id=5 trace=t
      child     [-----]     c-gw  eth1@gw  seq=30/40 ${child}`,
      { disabledRules: new Set(['X06']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test('a shorter one is a near miss', () => {
    const verdict = judgeDrawing(
      `
      before  [---]         s-gw  eth0@gw  seq=10/20 proto=http2 id=5 trace=t
      child     [-----]     s-p   api@h2   seq=30/40 proto=http2 id=5 trace=t`,
      { disabledRules: new Set(['X06']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, ['R16 before: outlasts']]);
  });
});

describe('X06 weak-trace-id', () => {
  test('links a request without caller to one of its trace without callee, weakly', () => {
    const verdict = judgeDrawing(`
      before  [---------]   c-p  web     seq=10/20 trace=t
      child     [-----]     s-p  api@h2  seq=30/40 trace=t
    `);
    expect(verdict.link).toBe('before X06');
    expect(matchedIn(verdict)).toEqual(['traceIds=traceIds:t']);
    expect([...verdict.trace.links.values()].map(({ strength }) => strength)).toEqual(['weak']);
  });

  test('a request whose callee was seen is not offered', () => {
    const verdict = judgeDrawing(`
      before  [---------]   c-p  web     seq=10/20 trace=t
      callee   [-------]    s-p  shop@h3 seq=10/20 trace=t
      child     [-----]     s-p  api@h2  seq=30/40 trace=t
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, ['X06 before: last-on-path']]);
  });

  test('can be switched off', () => {
    const verdict = judgeDrawing(
      `
      before  [---------]   c-p  web     seq=10/20 trace=t
      child     [-----]     s-p  api@h2  seq=30/40 trace=t`,
      { disabledRules: new Set(['X06']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });
});
