import { describe, expect, it } from 'vitest';
import { Direction } from '../../event/event-block';
import { concat, Scene, socket, thread } from '../../event/test-scene';
import { converse, outline, type Turn } from '../test-conversation';
import { call, get, grpcHead, h2 } from '../test-frames';

const hello: Turn = ['>', concat(h2.preface, h2.settings())];
const ok = { ':status': '200' };

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'streams side by side',
    [
      hello,
      ['>', concat(h2.headers(1, get('/a'), true), h2.headers(3, get('/b'), true))],
      ['<', concat(h2.settings(), h2.headers(3, { ':status': '404' }, true), h2.headers(1, ok), h2.data(1, 'x'))],
    ],
    ['> /a', '> /b', '< 404', '< 200'],
  ],
  [
    'padding and priority',
    [
      hello,
      ['>', h2.frame(1, 0x2d, 1, '\x03', '\0\0\0\0\x10', h2.block(get('/padded')), '\0\0\0')],
      ['<', concat(h2.headers(1, ok), h2.frame(0, 9, 1, '\x02x\0\0'))],
    ],
    ['> /padded', '< 200'],
  ],
  [
    'frames of the connection, and of types that nobody knows, are no messages',
    [
      hello,
      ['<', concat(h2.settings(), h2.settingsAck(), h2.ping(), h2.windowUpdate(0, 5), h2.frame(0x4c, 3, 9, 'grease'))],
      ['>', concat(h2.settingsAck(), h2.ping(true), h2.frame(2, 0, 5, '\0\0\0\0\x10'), h2.frame(16, 0, 0, 'u=1'))],
      ['>', h2.headers(1, get('/a'), true)],
    ],
    ['> /a'],
  ],
  [
    'interim responses',
    [
      hello,
      ['>', h2.headers(1, get('/a'), true)],
      ['<', concat(h2.headers(1, { ':status': '103' }), h2.headers(1, ok, true))],
    ],
    ['> /a', '< 103', '< 200'],
  ],
  [
    'trailers',
    [
      hello,
      ['>', concat(h2.headers(1, get('/a')), h2.data(1, 'x', false), h2.headers(1, { sum: '1' }, true))],
      ['<', concat(h2.headers(1, ok), h2.data(1, 'x', false), h2.headers(1, { sum: '1' }, true))],
    ],
    ['> /a', '< 200'],
  ],
  [
    'the server resets a stream, before and in its response',
    [
      hello,
      ['>', concat(h2.headers(1, get('/a'), true), h2.headers(3, get('/b'), true))],
      ['<', concat(h2.reset(1, 7), h2.headers(3, ok), h2.data(3, 'half', false), h2.reset(3, 2))],
    ],
    ['> /a', '> /b', '< RST_STREAM REFUSED_STREAM', '< RST_STREAM INTERNAL_ERROR'],
  ],
  [
    'the client resets a stream in its response',
    [
      hello,
      ['>', h2.headers(1, get('/a'), true)],
      ['<', concat(h2.headers(1, ok), h2.data(1, 'half', false))],
      ['>', h2.reset(1, 8)],
      ['<', h2.data(1, 'on its way')],
    ],
    ['> /a', '< RST_STREAM CANCEL'],
  ],
  [
    'the rest of a request is not wanted when the response is whole',
    [
      hello,
      ['>', concat(h2.headers(1, get('/a')), h2.data(1, 'part', false))],
      ['<', concat(h2.headers(1, { ':status': '413' }, true), h2.reset(1, 0))],
    ],
    ['< 413', '> /a'],
  ],
  [
    'a promise and its push are one message',
    [
      hello,
      ['>', h2.headers(1, get('/a'), true)],
      ['<', h2.frame(5, 4, 1, '\0\0\0\x02', h2.block(get('/style.css')))],
      ['<', concat(h2.headers(1, ok, true), h2.headers(2, ok), h2.data(2, 'css'))],
    ],
    ['> /a', '< 200', '! /style.css'],
  ],
  [
    'gRPC: unary, a stream, trailers only',
    [
      hello,
      ['>', concat(h2.headers(1, call('/p.S/Unary')), h2.data(1, '\0\0\0\0\0'))],
      ['<', concat(h2.headers(1, grpcHead), h2.data(1, '', false), h2.headers(1, { 'grpc-status': '0' }, true))],
      ['>', concat(h2.headers(3, call('/p.S/Stream')), h2.data(3, '', false))],
      ['<', concat(h2.headers(3, grpcHead), h2.data(3, '1', false))],
      ['>', h2.data(3, '2')],
      ['<', h2.headers(3, { 'grpc-status': '5', 'grpc-message': 'kein %c3%a4%20%' }, true)],
      ['>', concat(h2.headers(5, call('/p.S/Refused')), h2.data(5, ''))],
      ['<', h2.headers(5, { ...grpcHead, 'grpc-status': '12' }, true)],
    ],
    ['> /p.S/Unary', '< 200', '> /p.S/Stream', '< kein ä %', '> /p.S/Refused', '< UNIMPLEMENTED'],
  ],
];

describe('http2', () => {
  it.each(TABLE)('%s', (_name, turns, expected) => {
    expect(outline(converse(turns).messages)).toEqual(expected);
  });

  it('reads what headers say', () => {
    const { spans } = converse([
      hello,
      [
        '>',
        h2.headers(
          1,
          get('/orders/4711?x=1', {
            traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
            'x-request-id': 'one',
          }),
          true,
        ),
      ],
      ['<', h2.headers(1, { ':status': '503', 'x-request-id': 'two' }, true)],
    ]);
    expect(spans).toMatchObject([
      {
        protocol: 'http2',
        version: '2',
        method: 'GET',
        resource: '/orders/4711?x=1',
        endpoint: '/orders/{id}',
        domain: 'shop.test',
        requestId: 1,
        statusCode: 503,
        status: 'server_error',
        traceIds: ['0af7651916cd43dd8448eb211c80319c'],
        spanId: 'b7ad6b7169203331',
        xRequestIdRequest: 'one',
        xRequestIdResponse: 'two',
      },
    ]);
  });

  it('names each stream by what it speaks', () => {
    const { spans } = converse([
      hello,
      ['>', concat(h2.headers(1, call('/p.S/M1')), h2.data(1, 'x'), h2.headers(3, get('/health'), true))],
      ['<', concat(h2.headers(3, ok, true), h2.headers(1, { ...grpcHead, 'grpc-status': '14' }, true))],
    ]);
    expect(
      spans.map(({ protocol, endpoint, method, status, statusCode }) => [
        protocol,
        endpoint,
        method,
        status,
        statusCode,
      ]),
    ).toEqual([
      ['http2', '/health', 'GET', 'ok', 200],
      ['grpc', '/p.S/M1', 'POST', 'server_error', 14],
    ]);
  });

  it('says why a request has no response', () => {
    const { spans } = converse([
      hello,
      ['>', concat(h2.headers(1, get('/gone'), true), h2.headers(3, get('/late'), true))],
      ['<', concat(h2.goaway(1, 11), h2.headers(1, ok, true))],
      ['>', h2.headers(5, get('/cancelled'), true)],
      ['>', h2.reset(5, 8)],
    ]);
    expect(
      spans.map(({ resource, status, exception, incomplete }) => [resource, status, exception, incomplete]),
    ).toEqual([
      ['/late', 'server_error', 'GOAWAY ENHANCE_YOUR_CALM', 'no-response-seen'],
      ['/gone', 'ok', undefined, undefined],
      ['/cancelled', 'client_error', 'RST_STREAM CANCEL', 'no-response-seen'],
    ]);
  });

  it('passes over bodies that were not captured', () => {
    const body = h2.data(1, 'x'.repeat(9000));
    const { messages, coverage } = converse(
      [
        hello,
        ['>', h2.headers(1, get('/a'), true)],
        ['<', concat(h2.headers(1, ok), body)],
        ['>', h2.headers(3, get('/b'), true)],
        ['<', h2.headers(3, ok, true)],
      ],
      { options: { limit: 200 } },
    );
    expect(outline(messages)).toEqual(['> /a', '< 200 …', '> /b', '< 200']);
    expect(messages[1]!.length).toBe(h2.headers(1, ok).length + body.length);
    expect(coverage.lostBytes).toBe(0);
  });
});

describe('http2, from the middle of a connection', () => {
  const old = socket('old', { role: 'unknown', preexisting: true });
  const grown = h2.headers(5, concat('\x83', '\xc4', '\x0f\x34\x02/x', '\x40\x0cx-request-id\x01r', '\xbf'), true);

  it.each<[string, readonly Turn[], readonly string[]]>([
    [
      'a request tells who asks',
      [
        ['>', concat(h2.headers(5, get('/a'), true))],
        ['<', h2.headers(5, ok, true)],
      ],
      ['> /a', '< 200'],
    ],
    ['so does a response', [['<', concat(h2.headers(5, ok), h2.data(5, 'x'))]], ['< 200']],
    [
      'frames that tell nothing are passed over',
      [
        ['<', h2.windowUpdate(0, 100)],
        ['>', h2.ping(true)],
        ['>', h2.headers(7, get('/a'), true)],
      ],
      ['> /a'],
    ],
    ['fields that were named before are not guessed', [['>', grown]], ['> POST']],
  ])('%s', (_name, turns, expected) => {
    expect(outline(converse(turns, { on: old }).messages)).toEqual(expected);
  });

  it('keeps the fields that came since', () => {
    const [message] = converse([['>', grown]], { on: old }).messages;
    expect(message!.fields).toEqual({ version: '2', method: 'POST', requestId: 5, xRequestId: 'r' });
  });

  it('pairs what is left after lost responses', () => {
    const scene = new Scene();
    const s = socket('s');
    const server = thread(7);
    scene.read(s, server, concat(h2.preface, h2.settings()));
    scene.read(s, server, concat(h2.headers(1, get('/a'), true), h2.headers(3, get('/b'), true)));
    scene.drop(s, Direction.egress, concat(h2.settings(), h2.headers(1, ok, true)));
    scene.write(s, server, h2.headers(3, ok, true)).run();
    expect(scene.spans.map(({ resource, statusCode, incomplete }) => [resource, statusCode ?? incomplete])).toEqual([
      ['/b', 200],
      ['/a', 'still-open'],
    ]);
  });

  it('goes on after lost frames', () => {
    const scene = new Scene();
    const s = socket('s');
    const server = thread(7);
    const first = h2.headers(1, get('/a', { 'x-request-id': 'r' }), true);
    scene.read(s, server, concat(h2.preface, h2.settings())).read(s, server, first);
    scene.write(s, server, h2.headers(1, ok, true));
    scene.drop(s, Direction.ingress, h2.headers(3, get('/lost'), true));
    scene
      .read(s, server, h2.headers(5, get('/b'), true))
      .write(s, server, h2.headers(5, ok, true))
      .run();
    expect(outline(scene.messages)).toEqual(['> /a', '< 200', '> /b', '< 200']);
  });
});

it('names gRPC where the content type was sent before the capture', () => {
  const seen = (stream: number, path: string) =>
    // Indexed, from a part of the table that was not seen; then the path as text.
    h2.headers(stream, concat('\x83\xc0\xbf', h2.literal(':path', path)));
  const prefixed = '\0\0\0\0\x02ab';
  const { messages } = converse(
    [
      ['>', concat(seen(3, '/shop.Cart/Get'), h2.data(3, 'not a message'))],
      ['>', concat(seen(5, '/shop.Cart/42'), h2.data(5, prefixed))],
      [
        '<',
        concat(h2.headers(5, concat('\x88\xbe')), h2.data(5, prefixed, false), h2.headers(5, concat('\xbf'), true)),
      ],
      ['>', concat(seen(7, '/shop.Cart/Get'), h2.data(7, 'half of one'))],
    ],
    { on: { ...socket('s'), preexisting: true, role: 'server' } },
  );
  expect(messages.map(({ type, protocol, fields }) => [type, protocol, fields.endpoint])).toEqual([
    ['request', 'http2', '/shop.Cart/Get'],
    ['request', 'grpc', '/shop.Cart/42'],
    ['response', 'grpc', '/shop.Cart/42'],
    ['request', 'grpc', '/shop.Cart/Get'],
  ]);
});
