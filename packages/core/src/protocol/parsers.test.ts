import { describe, expect, it } from 'vitest';
import { concat, socket } from '../event/test-scene';
import { command, dnsMessage, overTcp, pg } from './test-bytes';
import { converse, outline, type Turn } from './test-conversation';

const ready = pg.ready;
const select = concat(pg.rowDescription('a'), pg.row('1'), pg.complete('SELECT 1'));
const tlsHello = Uint8Array.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 0);

/** A conversation, and the messages it comes down to: `>` request, `<` response, `!` one-way, `…` cut. */
const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'http: a HEAD has no body, whatever its length says',
    [
      ['>', 'HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
    ],
    ['> /a', '> /b', '< 200', '< Not Found'],
  ],
  [
    'http: 204 and 304 have no body',
    [
      ['>', 'GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n'],
      ['<', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'],
    ],
    ['> /a', '> /b', '< 304', '< 204'],
  ],
  [
    'http: an upgrade ends HTTP',
    [
      ['>', 'GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'],
      ['<', 'HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x05hello'],
      ['>', '\x81\x85....abcde'],
    ],
    ['> /ws', '< 101'],
  ],
  [
    'http: a CONNECT makes a tunnel',
    [
      ['>', 'CONNECT h.test:443 HTTP/1.1\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['>', tlsHello],
    ],
    ['> h.test:443', '< 200'],
  ],
  [
    'http: chunked wins over a length',
    [
      [
        '>',
        'POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n',
      ],
    ],
    ['> /a', '> /b'],
  ],
  [
    'http: names of headers in any case',
    [['>', 'POST /a HTTP/1.1\r\ncOnTeNt-LeNgTh:3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n']],
    ['> /a', '> /b'],
  ],
  [
    'http: a length that is no number ends the reading, until a message begins',
    [
      ['>', 'POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n'],
      ['>', 'GET /b HTTP/1.1\r\n\r\n'],
    ],
    ['> /b'],
  ],
  ['http: HTTP/2 is not HTTP/1', [['>', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']], []],
  [
    "redis: errors, client's and server's",
    [
      ['>', concat(command('GET'), command('GET', 'a'))],
      ['<', '-ERR wrong number of arguments\r\n-LOADING dataset\r\n'],
    ],
    ['> GET', '> GET a', '< -ERR wrong number of arguments', '< -LOADING dataset'],
  ],
  [
    'redis: passwords are not shown',
    [
      ['>', command('AUTH', 'secret')],
      ['<', '+OK\r\n'],
    ],
    ['> AUTH …', '< ok'],
  ],
  [
    'redis: RESP2 pub/sub',
    [
      ['>', command('SUBSCRIBE', 'c')],
      ['<', '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n'],
      ['<', '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n'],
    ],
    ['> SUBSCRIBE c', '< ok', '! message c'],
  ],
  [
    'redis: nested values, null values, attributes',
    [
      ['>', concat(command('EXEC'), command('GET', 'a'), command('TTL', 'a'))],
      ['<', '*2\r\n*2\r\n:1\r\n$-1\r\n%1\r\n+k\r\n#t\r\n_\r\n|1\r\n+ttl\r\n:9\r\n,3.14\r\n'],
    ],
    ['> EXEC', '> GET a', '> TTL a', '< ok', '< ok', '< ok'],
  ],
  [
    'redis: not taken for HTTP or other text',
    [
      ['>', 'GET key\r\n'],
      ['>', 'HELO mail.test\r\n'],
      ['<', '+OK POP3 ready\r\n'],
    ],
    [],
  ],
  [
    'postgresql: login by password',
    [
      ['>', pg.startup({ user: 'u' })],
      ['<', pg.authentication(5)],
      ['>', concat('p', '\0\0\0\x09', 'abcd\0')],
      ['<', concat(pg.authentication(0), ready)],
    ],
    ['> STARTUP', '< ok', '> AUTHENTICATE', '< ok'],
  ],
  [
    'postgresql: no encryption, then login refused',
    [
      ['>', pg.sslRequest],
      ['<', 'N'],
      ['>', pg.startup({ user: 'u' })],
      ['<', pg.error('28000', 'no', 'FATAL')],
    ],
    ['> SSL REQUEST', '< ok', '> STARTUP', '< invalid_authorization_specification'],
  ],
  [
    'postgresql: encryption',
    [
      ['>', pg.sslRequest],
      ['<', 'S'],
      ['>', tlsHello],
    ],
    ['> SSL REQUEST', '< ok'],
  ],
  [
    'postgresql: an error keeps its name',
    [
      ['>', pg.query('selec 1')],
      ['<', concat(pg.error('42601', 'syntax error'), ready)],
    ],
    ['> selec 1', '< syntax_error'],
  ],
  [
    'postgresql: prepared once, run often',
    [
      ['>', concat(pg.parse('s', 'SELECT $1'), pg.sync)],
      ['<', concat(pg.parsed, ready)],
      ['>', concat(pg.bind('s', '7'), pg.execute, pg.sync)],
      ['<', concat(pg.bound, select, ready)],
    ],
    ['> SELECT $1', '< ok', '> SELECT $1', '< ok'],
  ],
  [
    'postgresql: statements sent ahead of one Sync',
    [
      [
        '>',
        concat(
          pg.parse('', 'SELECT 1'),
          pg.bind(''),
          pg.execute,
          pg.parse('', 'SELECT 2'),
          pg.bind(''),
          pg.execute,
          pg.sync,
        ),
      ],
      ['<', concat(pg.parsed, pg.bound, select, pg.parsed, pg.bound, select, ready)],
    ],
    ['> SELECT 1', '> SELECT 2', '< ok', '< ok'],
  ],
  [
    'postgresql: an error refuses the rest of the batch',
    [
      [
        '>',
        concat(
          pg.parse('', 'SELECT 1'),
          pg.bind(''),
          pg.execute,
          pg.parse('', 'SELECT 2'),
          pg.bind(''),
          pg.execute,
          pg.sync,
        ),
      ],
      ['<', concat(pg.parsed, pg.error('22012', 'division by zero'), ready)],
      ['>', pg.query('SELECT 3')],
      ['<', concat(select, ready)],
    ],
    ['> SELECT 1', '> SELECT 2', '< division_by_zero', '> SELECT 3', '< ok'],
  ],
  [
    'postgresql: asked with Flush before Sync',
    [
      ['>', concat(pg.parse('', 'SELECT 1'), pg.describe, pg.flush)],
      ['<', concat(pg.parsed, pg.rowDescription('a'))],
      ['>', concat(pg.bind(''), pg.execute, pg.sync)],
      ['<', concat(pg.bound, pg.complete('SELECT 0'), ready)],
    ],
    ['> SELECT 1', '< ok'],
  ],
  [
    'postgresql: COPY from the client',
    [
      ['>', pg.query('COPY t FROM STDIN')],
      ['<', concat('G', '\0\0\0\x07', '\0\0\0')],
      ['>', concat('d', '\0\0\0\x06', 'ab', 'c', '\0\0\0\x04')],
      ['<', concat(pg.complete('COPY 1'), ready)],
      ['>', pg.query('SELECT 1')],
      ['<', concat(select, ready)],
    ],
    ['> COPY t FROM STDIN', '< ok', '> SELECT 1', '< ok'],
  ],
  [
    'postgresql: one response to several statements',
    [
      ['>', pg.query('SELECT 1; SELECT 2')],
      ['<', concat(select, select, ready)],
    ],
    ['> SELECT 1; SELECT 2', '< ok'],
  ],
  [
    'dns: paired by id over TCP',
    [
      ['>', concat(overTcp(dnsMessage(1, 0x100, 'a.test', 1)), overTcp(dnsMessage(2, 0x100, 'b.test', 28)))],
      ['<', overTcp(dnsMessage(2, 0x8182, 'b.test', 28))],
      ['<', overTcp(dnsMessage(1, 0x8180, 'a.test', 1, 1))],
    ],
    ['> a.test', '> b.test', '< SERVFAIL', '< 0'],
  ],
];

describe('parsers', () => {
  it.each(TABLE)('%s', (_name, turns, expected) => {
    const unknownRole = socket('s', { role: 'unknown', preexisting: true });
    expect(outline(converse(turns).messages)).toEqual(expected);
    // Who asks is told by what is said, too.
    expect(outline(converse(turns, { on: unknownRole }).messages)).toEqual(expected);
  });

  it('pairs each response with its request', () => {
    const [, turns] = TABLE.find(([name]) => name.startsWith('postgresql: an error refuses'))!;
    const spans = converse(turns).spans.map(({ resource, exception, incomplete }) => [
      resource,
      exception ?? incomplete,
    ]);
    expect(spans).toEqual([
      ['SELECT 1', 'division_by_zero'],
      ['SELECT 2', 'no-response-seen'],
      ['SELECT 3', undefined],
    ]);
  });

  it.each<[string, string, string]>([
    ['uber-trace-id', '3a7d5e2f1b4c6d8e:1122334455667788:0:1', '3a7d5e2f1b4c6d8e 1122334455667788 -'],
    [
      'B3',
      '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90',
      '80f198ee56343ba864fe8b2a57d3eff7 e457b5a2e4d86bd1 05e3ac9a4f6e3b90',
    ],
    ['X-B3-TraceId', '80f198ee56343ba864fe8b2a57d3eff7', '80f198ee56343ba864fe8b2a57d3eff7 - -'],
    [
      'TraceParent',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      '0af7651916cd43dd8448eb211c80319c b7ad6b7169203331 -',
    ],
    ['traceparent', 'nonsense', '- - -'],
    ['TraceState', 'congo=t61rcWkgMzE', '- - -'],
  ])('http: %s: %s', (header, value, expected) => {
    const [message] = converse([['>', `GET / HTTP/1.1\r\n${header}: ${value}\r\n\r\n`]]).messages;
    const { traceIds, spanId, parentSpanId } = message!.fields;
    expect(`${traceIds?.join() ?? '-'} ${spanId ?? '-'} ${parentSpanId ?? '-'}`).toBe(expected);
  });

  it('tracestate goes with the span as it is, of several headers the values in order', () => {
    const { spans } = converse([['>', 'GET / HTTP/1.1\r\nTraceState: a=1\r\nHost: x\r\ntracestate: b=2,c=3\r\n\r\n']]);
    expect(spans[0]!.traceState).toBe('a=1,b=2,c=3');
    const [query] = converse([
      [
        '>',
        pg.query(
          "SELECT 1 /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',tracestate='congo%3Dt61%2Crojo%3D00f0'*/",
        ),
      ],
    ]).messages;
    expect(query!.fields.traceState).toBe('congo=t61,rojo=00f0');
  });
});
