import { describe, expect, it } from 'vitest';
import { Cursor } from '../../base/cursor';
import { latin1 } from '../../event/test-scene';
import { converse } from '../test-conversation';
import { redis } from './redis';

const infer = (text: string, fromClient?: boolean) => {
  const bytes = latin1(text);
  const context = { transport: 'tcp' as const, ...(fromClient !== undefined && { fromClient }) };
  return redis.infer(new Cursor().reset(bytes, 0, bytes.length, false), context);
};

describe('PING, with which a NATS connection may begin too', () => {
  it.each([
    ['alone says nothing yet', 'PING\r\n', 'more'],
    ['before a message of NATS is not Redis', 'PING\r\nHMSG orders.1 1 12 14\r\n', 'no'],
    ['before another command is', 'PING\r\n*1\r\n$4\r\nINFO\r\n', 'request'],
    ['several times says no more', 'PING\r\nPING\r\n', 'more'],
    ['several times before another command is', 'PING\r\nPING\r\nAUTH x\r\n', 'request'],
    ['with a word to send back is', 'PING hello\r\n', 'request'],
  ])('%s', (_, text, expected) => {
    expect(infer(text)).toBe(expected);
  });

  it('is paired with the answer that tells what it is', () => {
    const { spans } = converse([
      ['>', 'PING\r\nPING\r\n'],
      ['<', '+PONG\r\n+PONG\r\n'],
      ['>', 'GET a\r\n'],
      ['<', '-WRONGTYPE Operation\r\n'],
    ]);
    expect(spans.map(({ resource, status }) => [resource, status])).toEqual([
      ['PING', 'ok'],
      ['PING', 'ok'],
      ['GET a', 'client_error'],
    ]);
  });

  it('is told by its answer', () => {
    expect(infer('+PONG\r\n')).toBe('response');
    expect(infer('+PONG\r\n', true)).toBe('no');
    expect(infer('+PO')).toBe('more');
    expect(infer('+OK\r\n')).toBe('no');
    expect(infer('PONG\r\n')).toBe('no');
  });
});
