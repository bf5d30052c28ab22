import { describe, expect, test } from 'vitest';
import type { SpanId } from '../../base/brand';
import { judgeDrawing, matchedIn } from './rule-cases';

const BOTH = ['tcpSeqRequest=tcpSeqRequest:10', 'tcpSeqResponse=tcpSeqResponse:20'];
const REQUEST = BOTH.slice(0, 1);
const RESPONSE = BOTH.slice(1);

describe('R11 server-under-client', () => {
  test.each([
    ['two processes of one host', '[------]', 'web', 'api', BOTH],
    ['two hosts', '[------]', 'web@h1', 'api@h2', BOTH],
    ['one process that calls itself', '[------]', 'web', 'web', BOTH],
    ['a client that saw no response', '[-?     ', 'web', 'api', REQUEST],
    ['a client whose request was not seen', '     ?-]', 'web', 'api', RESPONSE],
    ['a one-way message', '[->     ', 'web', 'api', REQUEST],
  ])('links both ends: %s', (_, shape, client, server, matched) => {
    const verdict = judgeDrawing(`
      client  ${shape}   c-p ${client}  seq=10/20
      child    [----]    s-p ${server}  seq=10/20
    `);
    expect(verdict.link).toBe('client R11');
    expect(matchedIn(verdict)).toEqual(matched);
  });

  test('two one-way ends are compared by the request', () => {
    const verdict = judgeDrawing(`
      client  [->    c-p web  seq=10/
      child    [->   s-p api  seq=10/
    `);
    expect(verdict.link).toBe('client R11');
  });

  test('a request alone and a response alone have nothing to compare', () => {
    const verdict = judgeDrawing(`
      client  [-?       c-p web  seq=10/20
      child      ?-]    s-p api  seq=10/20
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test('a server that read late, while the client waited, is no stranger when both sequences agree', () => {
    const verdict = judgeDrawing(`
      client  [------------------------------------------------------------------]   c-p web  seq=10/20
      child                                                         [---------]      s-p api  seq=10/20
    `);
    expect(verdict.link).toBe('client R11');
    expect(verdict.trace.links.get('child' as never)?.evidence.conditions.map(({ kind }) => kind)).toEqual([
      'covers',
      'no-net-span-between',
    ]);
  });

  test('sequence numbers 0 and the last before the wrap are like any other', () => {
    const verdict = judgeDrawing(`
      client  [----]   c-p web  seq=4294967295/0
      child   [----]   s-p api  seq=4294967295/0
    `);
    expect(verdict.link).toBe('client R11');
  });

  test.each([
    [
      'only the request agrees',
      `
      client  [------]   c-p web  seq=10/20
      child    [----]    s-p api  seq=10/21`,
      'field-equal',
    ],
    [
      'only the response agrees',
      `
      client  [------]   c-p web  seq=10/20
      child    [----]    s-p api  seq=11/20`,
      'field-equal',
    ],
    [
      'the starts are too far apart (a sequence that came round again)',
      `
      client  [-----------------------------------------------------------]    c-p web  seq=10/20
      child                                                       [--------]   s-p api  seq=10/20`,
      'within-tolerance',
    ],
    [
      'the ends are too far apart',
      `
      client   [-----------------------------------------------------------]   c-p web  seq=10/20
      child   [---]                                                            s-p api  seq=10/20`,
      'within-tolerance',
    ],
    [
      'one side alone agrees, and that came late',
      `
      client  [------------------------------------------------------------?   c-p web  seq=10/20
      child                                                       [-------]    s-p api  seq=10/20`,
      'within-tolerance',
    ],
  ])('reports a near miss when %s', (_, drawing, failed) => {
    const verdict = judgeDrawing(drawing);
    expect(verdict.link).toBeUndefined();
    expect(verdict.missed).toEqual([`R11 client: ${failed}`]);
  });

  test.each([
    ['h1', 50, true],
    ['h1', 50.001, false],
    ['h2', 60, true],
    ['h2', 60.001, false],
    ['h2', -60, true],
    ['h2', -60.001, false],
  ])('a server on %s may be %d ms off: %s', (host, shift, linked) => {
    const drawing = `
      client  [---]  c-p web@h1      seq=10/20
      child   [---]  s-p api@${host} seq=10/20 start=${shift} end=${shift}
    `;
    const verdict = judgeDrawing(drawing, { correctClocks: false });
    expect(verdict.link).toBe(linked ? 'client R11' : undefined);
    expect(verdict.missed).toEqual(linked ? [] : ['R11 client: within-tolerance, within-tolerance']);
  });

  test('tolerances can be changed', () => {
    const drawing = `
      client  [---]     c-p web@h1 seq=10/20
      child      [---]  s-p api@h2 seq=10/20`;
    const tight = { networkDelay: 1_000_000, clockOffset: 1_000_000, correctClocks: false } as Parameters<
      typeof judgeDrawing
    >[1];
    expect(judgeDrawing(drawing, tight).link).toBeUndefined();
    expect(judgeDrawing(drawing, { ...tight, clockOffset: 2_000_000 } as typeof tight).link).toBe('client R11');
  });

  test('the least deviating of several wins', () => {
    const verdict = judgeDrawing(`
      far     [---------]  c-p web  seq=10/20
      near      [-----]    c-p web  seq=10/20
      child     [----]     s-p api  seq=10/20
    `);
    expect([verdict.link, verdict.missed]).toEqual(['near R11', ['R11 far: preferred']]);
  });

  test('one socket is never both ends', () => {
    const verdict = judgeDrawing(`
      client  [------]   c-p web  seq=10/20 sock=s
      child    [----]    s-p web  seq=10/20 sock=s
    `);
    expect([verdict.link, verdict.missed]).toEqual([undefined, []]);
  });

  test('a packet seen between the two keeps them apart', () => {
    const { link, trace } = judgeDrawing(
      `
      client  [------]   c-p   web   seq=10/20
      packet   [-----]   c-nd  eth0  seq=10/20
      child    [----]    s-p   api   seq=10/20`,
      { disabledRules: new Set(['R10']) },
    );
    expect(link).toBeUndefined();
    expect(trace.nearMisses.get('child' as SpanId)?.[0]?.conditions).toContainEqual({
      kind: 'no-net-span-between',
      holds: false,
      between: 'packet',
    });
  });
});
