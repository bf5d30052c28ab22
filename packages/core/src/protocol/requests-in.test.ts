import { describe, expect, it } from 'vitest';
import type { L7Protocol } from './l7-protocol';
import { L7_PROTOCOLS } from './l7-protocol';
import { answersInOrder, requestsIn } from './requests-in';

const GET = 'GET /health?full=1 HTTP/1.1\r\nHost: shop\r\n\r\n';
const POST = 'POST /orders/7 HTTP/1.1\r\nHost: shop\r\nContent-Length: 400\r\n\r\n{';
const PING = '*1\r\n$4\r\nPING\r\n';

/** `moved`: bytes of the call, if not all of them are here. */
function read(protocol: L7Protocol, text: string, moved = text.length) {
  const bytes = Uint8Array.from(`--${text}--`, (letter) => letter.charCodeAt(0));
  const found = requestsIn(protocol, bytes, 2, 2 + text.length, moved > text.length, 'tcp');
  return found?.map(({ method, endpoint }) => `${method} | ${endpoint}`);
}

describe('requests in the bytes of a call', () => {
  it.each<[string, L7Protocol, string, number | undefined, string[] | undefined]>([
    ['one', 'http', GET, undefined, ['GET | /health']],
    ['one with a part of its body', 'http', POST, undefined, ['POST | /orders/{id}']],
    ['one that was cut behind its first line', 'http', GET.slice(0, 40), 3000, ['GET | /health']],
    ['one whose head goes on in the next call', 'http', GET.slice(0, 40), undefined, ['GET | /health']],
    ['one whose first line does', 'http', GET.slice(0, 10), undefined, undefined],
    ['several', 'http', GET + POST, undefined, ['GET | /health', 'POST | /orders/{id}']],
    ['an answer', 'http', 'HTTP/1.1 200 OK\r\n\r\n', undefined, undefined],
    ['a part of a body', 'http', '{"a":1}', undefined, undefined],
    ['another protocol', 'http', PING, undefined, undefined],
    ['what will not be answered', 'mysql', '\x05\0\0\0\x19\x01\0\0\0', undefined, undefined],
    ['several of it', 'redis', PING + PING, undefined, ['PING | PING', 'PING | PING']],
    ['nothing', 'http', '', undefined, undefined],
    ['one of a protocol that nobody reads', 'morse', GET, undefined, undefined],
  ])('%s', (_name, protocol, text, moved, expected) => {
    expect(read(protocol, text, moved)).toEqual(expected);
  });

  it('are answered in order by these protocols', () => {
    expect(L7_PROTOCOLS.filter(answersInOrder)).toEqual(['http', 'mysql', 'postgresql', 'redis', 'zmtp']);
  });
});
