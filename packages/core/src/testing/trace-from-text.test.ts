import { describe, expect, test } from 'vitest';
import { traceFromText } from './trace-from-text';

describe('traceFromText', () => {
  test('reads times off the columns and what is told of each span', () => {
    const [page, query] = traceFromText(`
      page    [------]   s-p web      sys=1/3 xid=a/b trace=t1,t2   # the root
      query     |        c-p web@h2   sys=/2 seq=10/ sock=k proto=redis tid=5 end=+0.5
    `);
    expect(page).toMatchObject({
      id: 'page',
      tapSide: 's-p',
      hostId: 'h1',
      comm: 'web',
      pid: 101,
      tid: 101,
      start: 0,
      end: 7_000_000,
      messageType: 'session',
      systraceIdRequest: 1,
      systraceIdResponse: 3,
      xRequestIdRequest: 'a',
      xRequestIdResponse: 'b',
      traceIds: ['t1', 't2'],
    });
    expect(query).toMatchObject({
      hostId: 'h2',
      pid: 102,
      tid: 5,
      start: 2_000_000,
      end: 2_500_000,
      systraceIdResponse: 2,
      tcpSeqRequest: 10,
      protocol: 'redis',
      socket: { id: 'k', role: 'client' },
    });
    expect(query).not.toHaveProperty('systraceIdRequest');
    expect(query).not.toHaveProperty('tcpSeqResponse');
  });

  test.each([
    ['[--]', { messageType: 'session', oneway: false }],
    ['[--?', { messageType: 'request', oneway: false, incomplete: 'no-response-seen' }],
    ['?--]', { messageType: 'response', oneway: false, incomplete: 'no-request-seen' }],
    ['[-->', { messageType: 'request', oneway: true }],
  ])('%s', (drawing, expected) => {
    expect(traceFromText(`a ${drawing} c-p web`, { unit: 10 })[0]).toMatchObject({ ...expected, start: 0, end: 30 });
  });

  test('names the line that it cannot read', () => {
    expect(() => traceFromText('a [--] x-p web')).toThrow('not a span drawing: a [--] x-p web');
    expect(() => traceFromText('a [--] c-p web sis=1/2')).toThrow('unknown name "sis"');
  });
});
