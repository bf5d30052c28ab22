import { describe, expect, it } from 'vitest';
import { Scene, socket, thread } from '../event/test-scene';

const REQUEST = 'GET /products/17?x=1 HTTP/1.1\r\nHost: shop.test\r\nX-Request-ID: r1\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

describe('pipeline', () => {
  it('makes one span of a request that is answered', () => {
    const scene = new Scene();
    const front = socket('front');
    scene.read(front, thread(7), REQUEST).write(front, thread(7), RESPONSE);
    scene.run({ end: false });
    expect(scene.messages.map(({ type, tcpSeq, length }) => [type, tcpSeq, length])).toEqual([
      ['request', 1000, REQUEST.length],
      ['response', 2000, RESPONSE.length],
    ]);
    expect(scene.spans).toHaveLength(1);
    expect(scene.spans[0]).toMatchObject({
      tapSide: 's-p',
      protocol: 'http',
      messageType: 'session',
      method: 'GET',
      resource: '/products/17?x=1',
      endpoint: '/products/{id}',
      domain: 'shop.test',
      statusCode: 200,
      status: 'ok',
      xRequestIdRequest: 'r1',
      start: 1_100_000,
      end: 2_000_000,
      firstResponseByte: 2_000_000,
      systraceIdRequest: 1,
      systraceIdResponse: 1,
      requestEvents: [0],
      responseEvents: [1],
      truncated: false,
    });
    expect(scene.spans[0]!.id).toMatch(/^[0-9a-f]{16}$/);
  });
});
