import { expect, it } from 'vitest';
import { concat, latin1 } from '../../event/test-scene';
import { mqttPacket, mqttText, u16 } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';
import { get, h2 } from '../test-frames';

const ask = (protocol: string) =>
  `GET /chat HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
const agree = (protocol: string) => `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${protocol}\r\n\r\n`;

it('passes over empty lines before a request, also before the first', () => {
  const request = 'GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n';
  const { messages } = converse([
    ['>', `\r\n${request}`],
    ['<', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['>', `\r\n${request}`],
  ]);
  expect(outline(messages)).toEqual(['> /a', '< 204', '> /a']);
  expect(messages[0]!.length).toBe(request.length);
});

it('leaves WebSocket frames alone, whatever they look like', () => {
  const subscribe = mqttPacket(0x82, u16(1), mqttText('a/b'), '\0');
  const { messages, coverage } = converse([
    ['>', ask('WebSocket')],
    ['<', concat(agree('websocket'), '\x81\x05hello')],
    ['>', subscribe],
    ['>', 'GET / HTTP/1.1\r\n\r\n'],
    ['<', '\x81\x05hello'],
  ]);
  expect(outline(messages)).toEqual(['> /chat', '< 101']);
  expect(coverage).toMatchObject({ lostBytes: 0, unknownSockets: 0, spans: 1 });
});

const answer = concat(h2.settings(), h2.headers(1, { ':status': '404' }), h2.data(1, 'no'));
const preface = concat(h2.preface, h2.settings(), h2.settingsAck());
it.each<[string, readonly Turn[]]>([
  ['with the switch', [['<', concat(latin1(agree('h2c')), answer)]]],
  [
    'after the preface',
    [
      ['<', agree('h2c')],
      ['>', preface],
      ['<', answer],
    ],
  ],
  [
    'before the preface',
    [
      ['<', agree('h2c')],
      ['<', answer],
      ['>', preface],
    ],
  ],
])('an upgrade to h2c is answered on stream 1, %s', (_name, turns) => {
  const { messages, spans, coverage } = converse([
    ['>', ask('h2c')],
    ...turns,
    ['>', h2.headers(3, get('/next'), true)],
    ['<', h2.headers(3, { ':status': '200' }, true)],
  ]);
  expect(outline(messages)).toEqual(['> /chat', '< 101', '< 404', '> /next', '< 200']);
  expect(spans.map(({ protocol, resource, statusCode, version }) => [protocol, resource, statusCode, version])).toEqual(
    [
      ['http2', '/chat', 404, '2'],
      ['http2', '/next', 200, '2'],
    ],
  );
  expect(coverage.lostBytes).toBe(0);
});

it('an upgrade to h2c that is never answered is a request without response', () => {
  const { spans } = converse([
    ['>', ask('h2c')],
    ['<', agree('h2c')],
  ]);
  expect(spans).toMatchObject([{ resource: '/chat', messageType: 'request', incomplete: 'still-open' }]);
});
