import { describe, expect, test } from 'vitest';
import { traceFromText, traceToText } from '../../testing/index';
import { assembleAll, assembleTrace } from '../assemble';
import { createSpanIndex } from '../memory-span-index';
import { judgeDrawing, matchedIn } from './rule-cases';

const BOTH = ['tcpSeqRequest=tcpSeqRequest:10', 'tcpSeqResponse=tcpSeqResponse:20'];

const PATH = `
  client  [------------]   c-p      web       seq=10/20
  veth     [----------]    c        eth0      seq=10/20
  node     [----------]    c-nd     ens3      seq=10/20   end=-0.2
  gateway   [--------]     c-gw     bond0@gw  seq=10/20
  bridge     [------]      s-nd     ens3@h2   seq=10/20
  pod        [------]      s        eth0@h2   seq=10/20   end=-0.2
  server     [-----]       s-p      api@h2    seq=10/20
`;
const PATH_TREE = `client
  veth R09
    node R09
      gateway R09
        bridge R09
          pod R09
            server R10`;

describe('the path of a message', () => {
  test('is the same from every point of it, and exact', () => {
    const spans = traceFromText(PATH);
    const index = createSpanIndex(spans);
    expect(assembleAll(index).map(traceToText)).toEqual([PATH_TREE]);
    for (const start of spans) {
      const trace = assembleTrace(index, start);
      expect(traceToText(trace)).toBe(PATH_TREE);
      expect([...trace.links.values()].map(({ strength }) => strength)).toEqual(Array(6).fill('exact'));
    }
  });

  test('goes by rank before time, as clocks differ from host to host', () => {
    const spans = traceFromText(`
      client   [------]     c-p   web       seq=10/20
      near       [------]   c-nd  ens3@h2   seq=10/20
      far     [------]      s-nd  ens3@h3   seq=10/20
      server   [------]     s-p   api@h4    seq=10/20
    `);
    expect(assembleAll(createSpanIndex(spans)).map(traceToText)).toEqual([
      'client\n  near R09\n    far R09\n      server R10',
    ]);
  });

  test('two points of one rank follow each other in time', () => {
    const spans = traceFromText(`
      second    [----]    c-gw  eth1  seq=10/20
      first    [------]   c-gw  eth0  seq=10/20
    `);
    expect(assembleAll(createSpanIndex(spans)).map(traceToText)).toEqual(['first\n  second R09']);
  });
});

describe('R09 network-hop', () => {
  test.each([
    ['a caller’s system calls', 'c-p web', BOTH],
    ['another interface', 'c eth0', BOTH],
  ])('links a packet span to %s', (_, parent, matched) => {
    const verdict = judgeDrawing(`
      before  [-----]   ${parent}   seq=10/20
      child    [---]    c-nd ens3   seq=10/20
    `);
    expect(verdict.link).toBe('before R09');
    expect(matchedIn(verdict)).toEqual(matched);
  });

  test.each([
    ['lacks the response', '[---?'],
    ['is one-way', '[--->'],
  ])('compares the request alone when one %s', (_, shape) => {
    const verdict = judgeDrawing(`
      before  [-----]   c eth0      seq=10/20
      child    ${shape}    c-nd ens3   seq=10/
    `);
    expect(verdict.link).toBe('before R09');
    expect(matchedIn(verdict)).toEqual(BOTH.slice(0, 1));
  });

  test.each([
    ['only the request agrees', 'c eth0 seq=10/20', 'seq=10/21', 'field-equal'],
    [
      'it was seen too much later (a sequence that came round again)',
      'c eth0 seq=10/20',
      'seq=10/20 start=+70 end=+70',
      'within-tolerance, within-tolerance',
    ],
  ])('reports a near miss when %s', (_, before, child, failed) => {
    const verdict = judgeDrawing(`
      before  [-----]   ${before}
      child    [---]    c-nd ens3 ${child}
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R09 before: ${failed}`]]);
  });

  test('a nearer point stands between', () => {
    const verdict = judgeDrawing(`
      far     [-----]   c-p web     seq=10/20
      near     [---]    c eth0      seq=10/20
      child    [---]    c-nd ens3   seq=10/20
    `);
    expect([verdict.link, verdict.missed]).toEqual(['near R09', ['R09 far: no-net-span-between']]);
  });

  test('what lies behind it on the path is no candidate', () => {
    const verdict = judgeDrawing(`
      behind  [-----]   s eth0      seq=10/20
      child    [---]    c-nd ens3   seq=10/20
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });
});

describe('R10 server-under-network', () => {
  test('links the server’s end to the last interface', () => {
    const verdict = judgeDrawing(`
      first   [-----]   c eth0      seq=10/20
      last     [---]    s eth0@h2   seq=10/20
      child    [---]    s-p api@h2  seq=10/20
    `);
    expect([verdict.link, verdict.missed]).toEqual(['last R10', ['R10 first: no-net-span-between']]);
    expect(matchedIn(verdict)).toEqual(BOTH);
  });

  test.each([
    ['the response differs', 'seq=10/21', 'field-equal'],
    ['it was seen too early', 'seq=10/20 start=-61 end=-61', 'within-tolerance, within-tolerance'],
  ])('reports a near miss when %s', (_, child, failed) => {
    const verdict = judgeDrawing(`
      last    [---]     s eth0      seq=10/20
      child   [---]     s-p api@h2  ${child}
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`R10 last: ${failed}`]]);
  });

  test('switched off, the server hangs under nothing rather than past the packet', () => {
    const verdict = judgeDrawing(
      `
      client  [-----]   c-p web    seq=10/20
      packet   [---]    c eth0     seq=10/20
      child    [---]    s-p api    seq=10/20`,
      { disabledRules: new Set(['R10']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, ['R11 client: no-net-span-between']]);
  });
});

describe('X01 unix-socket-pair', () => {
  test.each([
    ['that name each other', 'unix=71/72', 'unix=72/71'],
    ['of which the caller’s was not accepted yet', 'unix=71/', 'unix=72/71'],
    ['of which neither is named', 'unix=71/', 'unix=72/'],
  ])('links two ends %s', (_, client, server) => {
    const verdict = judgeDrawing(`
      client  [-----]   c-p web  ${client} seq=10/20
      child    [---]    s-p api  ${server} seq=10/20
    `);
    expect([verdict.link, verdict.missed]).toEqual(['client X01', []]);
    expect(matchedIn(verdict)).toEqual(BOTH);
  });

  test.each([
    ['another message of the connection', 'unix=72/71 seq=10/21', 'field-equal'],
    ['the end of another pair', 'unix=74/73 seq=10/20', 'field-equal'],
    ['another time', 'unix=72/71 seq=10/20 start=+70 end=+70', 'within-tolerance, within-tolerance'],
  ])('reports a near miss: %s', (_, child, failed) => {
    const verdict = judgeDrawing(`
      client  [-----]   c-p web  unix=71/72 seq=10/20
      child    [---]    s-p api  ${child}
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`X01 client: ${failed}`]]);
  });

  test.each([
    ['another host', 's-p api@h2 unix=72/71 seq=10/20'],
    ['a TCP connection', 's-p api@h2 seq=10/20'],
  ])('%s has no end of it', (_, child) => {
    const verdict = judgeDrawing(
      `
      client  [-----]   c-p web  unix=71/72 seq=10/20
      child    [---]    ${child}`,
      { disabledRules: new Set(['R11']) },
    );
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });
});

describe('X02 datagram-pair', () => {
  test('links the server’s end under the last point that saw the question', () => {
    const spans = traceFromText(`
      resolver  [-----]   c-p   web      udp=53211/4711 proto=dns res=shop.example
      packet     [---]    c-nd  ens3     udp=53211/4711 proto=dns res=shop.example
      server     [---]    s-p   dns@h2   udp=53211/4711 proto=dns res=shop.example
    `);
    expect(assembleAll(createSpanIndex(spans)).map(traceToText)).toEqual(['resolver\n  packet X02\n    server X02']);
  });

  test('names the id that was equal', () => {
    const verdict = judgeDrawing(`
      client  [-----]   c-p web     udp=53211/4711 proto=dns
      child    [---]    s-p dns@h2  udp=53211/4711 proto=dns
    `);
    expect(verdict.link).toBe('client X02');
    expect(matchedIn(verdict)).toEqual(['requestId=requestId:4711']);
  });

  test.each([
    ['another name was asked for', 'res=other.example', 'field-equal'],
    ['the id came round again', 'res=shop.example start=+100 end=+100', 'within-tolerance, within-tolerance'],
  ])('reports a near miss when %s', (_, child, failed) => {
    const verdict = judgeDrawing(`
      client  [-----]   c-p web     udp=53211/4711 proto=dns res=shop.example
      child    [---]    s-p dns@h2  udp=53211/4711 proto=dns ${child}
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, [`X02 client: ${failed}`]]);
  });

  test('addresses must agree, but a wildcard agrees with any', () => {
    const drawing = `
      client  [-----]   c-p web     udp=53211/4711 proto=dns
      child    [---]    s-p dns@h2  udp=53211/4711 proto=dns`;
    const withClientAt = (address: string) => {
      const spans = traceFromText(drawing).map((span) =>
        span.id === 'client' && span.type === 'sys' ? { ...span, src: { ...span.src, address } } : span,
      );
      return [...assembleTrace(createSpanIndex(spans), spans[1]!).links.values()].map(({ rule }) => rule);
    };
    expect(withClientAt('0.0.0.0')).toEqual(['X02']);
    expect(withClientAt('10.9.9.9')).toEqual([]);
  });
});
