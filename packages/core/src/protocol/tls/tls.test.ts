import { describe, expect, it } from 'vitest';
import { concat, socket } from '../../event/test-scene';
import { my, pg } from '../test-bytes';
import { converse, outline, type Turn } from '../test-conversation';
import { tlsBytes } from '../test-frames';

const hello: Turn = ['>', tlsBytes.clientHello('shop.test')];
const SUITE = 'TLS_AES_128_GCM_SHA256';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'TLS 1.3, and what is encrypted stays so',
    [
      hello,
      ['<', concat(tlsBytes.serverHello(0x1301, 0x0304), tlsBytes.changeCipherSpec(), tlsBytes.data(900))],
      ['>', concat(tlsBytes.changeCipherSpec(), tlsBytes.data(), tlsBytes.data())],
      ['<', tlsBytes.data()],
    ],
    ['> shop.test [h2, http/1.1]', '< ok'],
  ],
  [
    'TLS 1.2: certificate, keys, encrypted handshake',
    [
      hello,
      ['<', concat(tlsBytes.serverHello(0xc02f, undefined, 'h2'), tlsBytes.handshake(11, 'c'.repeat(700)))],
      [
        '>',
        concat(
          tlsBytes.handshake(16, 'k'.repeat(60)),
          tlsBytes.changeCipherSpec(),
          tlsBytes.record(22, 'x'.repeat(40)),
        ),
      ],
      ['<', concat(tlsBytes.changeCipherSpec(), tlsBytes.record(22, 'x'.repeat(40)))],
      ['>', tlsBytes.data()],
    ],
    ['> shop.test [h2, http/1.1]', '< ok'],
  ],
  [
    'early data',
    [
      ['>', concat(tlsBytes.clientHello('shop.test'), tlsBytes.changeCipherSpec(), tlsBytes.data())],
      ['<', tlsBytes.serverHello(0x1301, 0x0304)],
    ],
    ['> shop.test [h2, http/1.1]', '< ok'],
  ],
  ['the server refuses', [hello, ['<', tlsBytes.alert(40)]], ['> shop.test [h2, http/1.1]', '< handshake_failure']],
  [
    'the client does not trust the server',
    [hello, ['<', tlsBytes.serverHello(0xc02f)], ['>', tlsBytes.alert(48)]],
    ['> shop.test [h2, http/1.1]', '< ok', '! Alert'],
  ],
  [
    'PostgreSQL, once encryption is agreed on',
    [['>', pg.sslRequest], ['<', 'S'], hello, ['<', tlsBytes.serverHello(0x1301, 0x0304)]],
    ['> SSL REQUEST', '< ok', '> shop.test [h2, http/1.1]', '< ok'],
  ],
  [
    'MySQL, once encryption is asked for',
    [['<', my.greeting()], ['>', my.sslRequest()], hello, ['<', tlsBytes.serverHello(0x1301, 0x0304)]],
    ['! SSL_REQUEST', '> shop.test [h2, http/1.1]', '< ok'],
  ],
  [
    'SMTP, which is not read itself',
    [
      ['<', '220 mail.test ESMTP\r\n'],
      ['>', 'EHLO client.test\r\n'],
      ['<', '250-mail.test\r\n250 STARTTLS\r\n'],
      ['>', 'STARTTLS\r\n'],
      ['<', '220 Go ahead\r\n'],
      hello,
      ['<', tlsBytes.serverHello(0x1301, 0x0304)],
    ],
    ['> shop.test [h2, http/1.1]', '< ok'],
  ],
  [
    'within a tunnel of HTTP/1',
    [
      ['>', 'CONNECT shop.test:443 HTTP/1.1\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\n\r\n'],
      hello,
      ['<', tlsBytes.serverHello(0x1301, 0x0304)],
    ],
    ['> shop.test:443', '< 200', '> shop.test [h2, http/1.1]', '< ok'],
  ],
];

describe('tls', () => {
  it.each(TABLE)('%s', (_name, turns, expected) => {
    const { messages, coverage } = converse(turns);
    expect(outline(messages)).toEqual(expected);
    expect(coverage).toMatchObject({ opaqueTlsSockets: 1, unknownSockets: 0, lostBytes: expect.any(Number) });
  });

  it('shows a handshake as a span', () => {
    const { spans, coverage } = converse([
      hello,
      ['<', concat(tlsBytes.serverHello(0xc02f, undefined, 'h2'), tlsBytes.changeCipherSpec(), tlsBytes.data())],
      ['>', concat(tlsBytes.changeCipherSpec(), tlsBytes.data())],
    ]);
    expect(spans).toMatchObject([
      {
        protocol: 'tls',
        method: 'ClientHello',
        domain: 'shop.test',
        endpoint: 'shop.test',
        resource: 'shop.test [h2, http/1.1]',
        version: '1.2',
        status: 'ok',
        messageType: 'session',
      },
    ]);
    expect(coverage).toMatchObject({ opaqueTlsSockets: 1, lostBytes: 0 });
  });

  it('names what was agreed on', () => {
    const { messages } = converse([hello, ['<', tlsBytes.serverHello(0x1301, 0x0304, 'h2')]]);
    expect(messages.map(({ fields }) => [fields.version, fields.resource])).toEqual([
      ['1.3', 'shop.test [h2, http/1.1]'],
      ['1.3', `${SUITE} [h2]`],
    ]);
  });

  it('is opaque from the middle of a connection, without a message', () => {
    const on = socket('old', { role: 'unknown', preexisting: true });
    const turns = Array.from({ length: 40 }, (_, i): Turn => [i % 2 === 0 ? '>' : '<', tlsBytes.data(100)]);
    expect(converse(turns, { on }).coverage).toMatchObject({
      opaqueTlsSockets: 1,
      messages: 0,
      spans: 0,
      lostBytes: 0,
    });
  });
});
