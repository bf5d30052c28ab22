import { describe, expect, test } from 'vitest';
import type { SpanId } from '../../base/brand';
import { traceFromText, traceToText } from '../../testing/index';
import { assembleAll, assembleTrace } from '../assemble';
import { createSpanIndex } from '../memory-span-index';
import { judgeDrawing, matchedIn } from './rule-cases';

const CHECKOUT = `
  request   [---------------------------]   s-p    shop        trace=t span=a0 sys=1/5
  route      [-------------------------]    s-app  shop        trace=t span=b1 parent=a0
  handler     [-----------------------]     app    shop        trace=t span=b2 parent=b1
  fetch         [----------------]          c-app  shop        trace=t span=b3 parent=b2
  call           [--------------]           c-p    shop        trace=t span=b3 seq=10/20 sys=1/2
  packet          [------------]            c-nd   ens3        trace=t span=b3 seq=10/20
  served           [----------]             s-p    stock@h2    trace=t span=b3 seq=10/20
  stock             [--------]              s-app  stock@h2    trace=t span=c1 parent=b3
  query                            [--]     c-p    shop        sys=2/4
`;
const CHECKOUT_TREE = `request
  route R02
    handler R01
      fetch R01
        call R04
          packet R09
            served R10
              stock R02
  query R06`;

describe('application spans among the others', () => {
  test('each hangs where it is nearest, whichever span the search begins at', () => {
    const spans = traceFromText(CHECKOUT);
    const index = createSpanIndex(spans);
    expect(assembleAll(index).map(traceToText)).toEqual([CHECKOUT_TREE]);
    for (const start of spans) expect(traceToText(assembleTrace(index, start))).toBe(CHECKOUT_TREE);
  });

  test('a program that calls itself: the request that it received is nearer than the span that it names', () => {
    const spans = traceFromText(`
      call    [-------]   c-app  web  trace=t span=a1
      out      [-----]    c-p    web  trace=t span=a1 seq=10/20
      in       [-----]    s-p    web  trace=t span=a1 seq=10/20
      route     [---]     s-app  web  trace=t span=a2 parent=a1
      dial    |           app    web  trace=t span=a3 parent=a1
    `);
    expect(assembleAll(createSpanIndex(spans)).map(traceToText)).toEqual([
      'call\n  dial R01\n  out R04\n    in R11\n      route R02',
    ]);
  });
});

describe('R01 app-parent-span', () => {
  test('links spans of one instance by the id that the child names', () => {
    const verdict = judgeDrawing(`
      above   [-------]   s-app  web  trace=t span=a1
      child    [----]     app    web  trace=t span=a2 parent=a1
    `);
    expect(verdict.link).toBe('above R01');
    expect(matchedIn(verdict)).toEqual(['parentSpanId=spanId:a1', 'traceIds=traceIds:t']);
  });

  test.each([
    ['another service', 'app api trace=t span=a2 parent=a1'],
    ['another host', 'app web@h2 trace=t span=a2 parent=a1'],
    ['another process of that name', 'app web trace=t span=a2 parent=a1 pid=7'],
  ])('%s is a near miss, and left to R14', (_, child) => {
    const verdict = judgeDrawing(`
      above   [-------]   s-app  web  trace=t span=a1
      child    [----]     ${child}
    `);
    expect([verdict.link, verdict.missed]).toEqual(['above R14', ['R01 above: same-instance']]);
  });

  test('a process that is not known contradicts nothing', () => {
    const verdict = judgeDrawing(`
      above   [-------]   s-app  web  trace=t span=a1 pid=
      child    [----]     app    web  trace=t span=a2 parent=a1
    `);
    expect(verdict.link).toBe('above R01');
  });

  test('a span id of another trace says nothing', () => {
    const verdict = judgeDrawing(`
      above   [-------]   s-app  web  trace=t span=a1
      child    [----]     app    web  trace=u span=a2 parent=a1
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test('a thousand siblings hide nobody’s parent', () => {
    const siblings = Array.from(
      { length: 1000 },
      (_, i) => `k${i} ${' '.repeat(i % 50)}[-] app web trace=t span=k${i} parent=a1`,
    );
    const spans = traceFromText(`${siblings.join('\n')}\nabove  [${'-'.repeat(80)}]  s-app web trace=t span=a1`);
    const [trace, ...others] = assembleAll(createSpanIndex(spans));
    expect(others).toEqual([]);
    expect(trace!.root).toBe('above');
  });
});

describe('R02 app-under-server-by-span', () => {
  test('links the outermost span to the request, of several of one process the nearest in time', () => {
    const verdict = judgeDrawing(`
      sidecar  [-----------]   s-p    web  trace=t span=a0
      request    [-------]     s-p    web  trace=t span=a0
      child       [-----]      s-app  web  trace=t span=b1 parent=a0
    `);
    expect(verdict.link).toBe('request R02');
    expect(matchedIn(verdict)).toEqual(['parentSpanId=spanId:a0', 'traceIds=traceIds:t']);
    expect(verdict.missed).toEqual(['R02 sidecar: preferred']);
  });

  test('a proxy in front, with the same header, is another instance', () => {
    const verdict = judgeDrawing(`
      proxy    [-----------]   s-p    nginx  trace=t span=a0
      request    [-------]     s-p    web    trace=t span=a0
      child       [-----]      s-app  web    trace=t span=b1 parent=a0
    `);
    expect([verdict.link, verdict.missed]).toEqual(['request R02', ['R02 proxy: same-instance']]);
  });

  test('inner work of a program that calls itself is no entry', () => {
    const verdict = judgeDrawing(`
      caller   [-----------]   c-app  web  trace=t span=a0
      request    [-------]     s-p    web  trace=t span=a0
      child       [-----]      app    web  trace=t span=b1 parent=a0
    `);
    expect([verdict.link, verdict.missed]).toEqual(['caller R01', ['R02 request: entry']]);
  });
});

describe('R03 app-under-server-by-systrace', () => {
  test.each([
    ['the request’s systrace id', 'sys=7/9', 'sys=7/8', ['systraceIdRequest=systraceIdRequest:7']],
    ['the response’s', 'sys=7/9', 'sys=8/9', ['systraceIdResponse=systraceIdResponse:9']],
    ['an X-Request-ID passed on', 'xid=x/', 'xid=x/', ['xRequestIdRequest=xRequestIdRequest:x']],
    ['one made here', 'xid=/x', 'xid=x/', ['xRequestIdRequest=xRequestIdResponse:x']],
  ])('links by a call below that shares %s', (_, server, call, matched) => {
    const verdict = judgeDrawing(`
      request  [-----------]   s-p    web  ${server}
      child     [---------]    s-app  web  trace=t span=a1
      fetch       [-----]      c-app  web  trace=t span=a2 parent=a1
      call         [---]       c-p    web  trace=t span=a2 ${call}
    `);
    expect(verdict.link).toBe('request R03');
    expect(matchedIn(verdict)).toEqual(matched);
    expect(verdict.trace.links.get('child' as SpanId)?.evidence.through).toBe('call');
  });

  test.each([
    [
      'the request does not cover it',
      `
      request  [------]        s-p    web  sys=7/9
      child     [---------]    s-app  web  trace=t span=a1
      call         [-]         c-p    web  trace=t span=a1 sys=7/8`,
      'covers',
    ],
    [
      'the call is not covered',
      `
      request  [------]        s-p    web  sys=7/9
      child     [----]         s-app  web  trace=t span=a1
      call         [----]      c-p    web  trace=t span=a1 sys=7/8`,
      'covers',
    ],
    [
      'the request is another process’s',
      `
      request  [-----------]   s-p    api  sys=7/9
      child     [---------]    s-app  web  trace=t span=a1
      call         [---]       c-p    web  trace=t span=a1 sys=7/8`,
      'same-instance',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R03 request: ${failed}`]]);
  });

  test('a span that names a parent is not for this rule', () => {
    const verdict = judgeDrawing(`
      request  [-----------]   s-p    web  sys=7/9
      child     [---------]    s-app  web  trace=t span=a1 parent=a0
      call         [---]       c-p    web  trace=t span=a1 sys=7/8
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });
});

describe('R04 client-under-app', () => {
  test('links a call to the span whose id it carries; what came before the call does not take it over', () => {
    const verdict = judgeDrawing(`
      fetch    [---------]   c-app  web  trace=t span=a1
      lookup   [-]           app    web  trace=t span=a2 parent=a1
      child       [----]     c-p    web  trace=t span=a1 sys=7/8
    `);
    expect(verdict.link).toBe('fetch R04');
    expect(matchedIn(verdict)).toEqual(['spanId=spanId:a1', 'traceIds=traceIds:t']);
  });

  test.each([
    ['the span is another process’s', 'c-app api trace=t span=a1', 'same-instance'],
    ['an inner span was at work all the time', 'c-app web trace=t span=a1', 'leaf'],
  ])('reports a near miss when %s', (_, fetch, failed) => {
    const verdict = judgeDrawing(`
      fetch    [---------]   ${fetch}
      inner     [------]     app    web  trace=t span=a2 parent=a1
      child       [----]     c-p    web  trace=t span=a1
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R04 fetch: ${failed}`]]);
  });
});

describe('R12 network-under-app', () => {
  test('links the first packet span, where the system calls were not recorded', () => {
    const verdict = judgeDrawing(`
      fetch    [---------]   c-app  web   trace=t span=a1
      child       [----]     c-nd   ens3  trace=t span=a1 seq=10/20
    `);
    expect(verdict.link).toBe('fetch R12');
    expect(matchedIn(verdict)).toEqual(['spanId=spanId:a1', 'traceIds=traceIds:t']);
  });

  test.each([
    [
      'it is not the first',
      `
      fetch    [---------]   c-app  web   trace=t span=a1
      veth       [-----]     c      eth0  trace=t span=a1 seq=10/20
      child       [----]     c-nd   ens3  trace=t span=a1 seq=10/20`,
      'first-on-path',
    ],
    [
      'an inner span was at work all the time',
      `
      fetch    [---------]   c-app  web   trace=t span=a1
      inner     [-------]    app    web   trace=t span=a2 parent=a1
      child       [----]     c-nd   ens3  trace=t span=a1 seq=10/20`,
      'leaf',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing, { disabledRules: new Set(['R09']) });
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R12 fetch: ${failed}`]]);
  });
});

describe('R13 app-under-network', () => {
  test('links the outermost span to the last packet span', () => {
    const verdict = judgeDrawing(`
      first   [---------]   c-nd   ens3     trace=t span=a1 seq=10/20
      last     [-------]    s-nd   ens3@h2  trace=t span=a1 seq=10/20
      child     [-----]     s-app  api@h2   trace=t span=b1 parent=a1
    `);
    expect([verdict.link, verdict.missed]).toEqual(['last R13', ['R13 first: last-on-path']]);
    expect(matchedIn(verdict)).toEqual(['parentSpanId=spanId:a1', 'traceIds=traceIds:t']);
  });

  test('inner work is no entry', () => {
    const verdict = judgeDrawing(
      `
      above   [---------]   c-app  web   trace=t span=a1
      packet   [-------]    c-nd   ens3  trace=t span=a1 seq=10/20
      child     [-----]     app    web   trace=t span=b1 parent=a1
    `,
      { disabledRules: new Set(['R01', 'R14']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, ['R13 packet: entry']]);
  });
});

describe('R14 process-under-remote-app', () => {
  test.each([
    ['a request that carries its id', 's-p api@h2 trace=t span=a1', 'spanId=spanId:a1'],
    ['a request that names it as the parent', 's-p api@h2 trace=t span=b1 parent=a1', 'parentSpanId=spanId:a1'],
    ['an application span', 's-app api@h2 trace=t span=b1 parent=a1', 'parentSpanId=spanId:a1'],
  ])('links %s', (_, child, matched) => {
    const verdict = judgeDrawing(`
      fetch   [---------]   c-app  web      trace=t span=a1
      child     [-----]     ${child}
    `);
    expect(verdict.link).toBe('fetch R14');
    expect(matchedIn(verdict)).toEqual([matched, 'traceIds=traceIds:t']);
  });

  test.each([
    ['the span does not cover a request on its host', 's-p api trace=t span=a1', 'covers'],
    ['the request lasts longer by another clock', 's-p api@h2 trace=t span=a1', 'outlasts'],
    [
      'the span starts later, beyond the clocks’ offset',
      's-p api@h2 trace=t span=a1 start=-13 end=-14',
      'starts-first',
    ],
  ])('reports a near miss when %s', (_, child, failed) => {
    const verdict = judgeDrawing(`
      fetch   [-----]       c-app  web      trace=t span=a1
      child     [------]    ${child}
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R14 fetch: ${failed}`]]);
  });

  test('whatever is nearer goes first', () => {
    const verdict = judgeDrawing(`
      fetch   [---------]   c-app  web     trace=t span=a1
      packet    [-----]     s-nd   ens3    trace=t span=a1 seq=10/20
      child     [-----]     s-p    api@h2  trace=t span=a1 seq=10/20
    `);
    expect(verdict.link).toBe('packet R10');
  });
});
