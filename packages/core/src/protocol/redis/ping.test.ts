import { describe, expect, it } from 'vitest';
import { Cursor } from '../../base/cursor';
import { latin1 } from '../../event/test-scene';
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
    ['sent ahead several times is', 'PING\r\nPING\r\n', 'request'],
  ])('%s', (_, text, expected) => {
    expect(infer(text)).toBe(expected);
  });

  it('is told by its answer', () => {
    expect(infer('+PONG\r\n')).toBe('response');
    expect(infer('+PONG\r\n', true)).toBe('no');
    expect(infer('+PO')).toBe('more');
    expect(infer('+OK\r\n')).toBe('no');
    expect(infer('PONG\r\n')).toBe('no');
  });
});
