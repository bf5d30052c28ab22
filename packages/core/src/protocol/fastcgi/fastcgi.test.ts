import { expect, it } from 'vitest';
import { concat } from '../../event/test-scene';
import { cgi } from '../test-bytes-rpc';
import { converse, outline, type Turn } from '../test-conversation';

const GET = { REQUEST_METHOD: 'GET', REQUEST_URI: '/a' };
const ok = 'Content-Type: text/html\r\n\r\nhello';

const TABLE: readonly (readonly [string, readonly Turn[], readonly string[]])[] = [
  [
    'one request after the other on a connection that is kept, with the same id',
    [
      ['>', cgi.request(1, GET)],
      ['<', cgi.response(1, ok)],
      ['>', cgi.request(1, { ...GET, REQUEST_URI: '/b' })],
      ['<', cgi.response(1, 'Status: 503 Service Unavailable\r\n\r\n')],
    ],
    ['> /a', '< 200', '> /b', '< Service Unavailable'],
  ],
  [
    'requests mixed with one another',
    [
      ['>', concat(cgi.begin(1), cgi.begin(2), cgi.record(4, 2, cgi.params(GET)), cgi.record(4, 1, cgi.params(GET)))],
      ['>', concat(cgi.record(4, 1), cgi.record(4, 2), cgi.record(5, 2), cgi.record(5, 1))],
      ['<', concat(cgi.record(6, 2, 'Status: 404\r\n'), cgi.record(6, 1, ok), cgi.end(1), cgi.record(6, 2, '\r\n'))],
      ['<', cgi.end(2)],
    ],
    ['> /a', '> /a', '< 200', '< 404'],
  ],
  [
    'a redirect without a status; a refusal; an exit status; an error that tells why',
    [
      ['>', concat(...[1, 2, 3, 4].map((id) => cgi.request(id, GET)))],
      ['<', concat(cgi.response(1, 'Location: https://a.test/\n\n'), cgi.end(2, 0, 2))],
      [
        '<',
        concat(cgi.record(6, 3, ok), cgi.end(3, 1), cgi.response(4, 'Status: 500 Oh\r\n\r\n', 'PHP Fatal error\n')),
      ],
    ],
    ['> /a', '> /a', '> /a', '> /a', '< 302', '< FCGI_OVERLOADED', '< exit status 1', '< PHP Fatal error'],
  ],
  [
    'roles: an authorizer has no input, a filter has data behind it',
    [
      ['>', concat(cgi.begin(1, 2), cgi.record(4, 1, cgi.params(GET)), cgi.record(4, 1))],
      ['<', cgi.response(1, 'Status: 403 Forbidden\r\n\r\n')],
      ['>', concat(cgi.begin(2, 3), cgi.record(4, 2, cgi.params(GET)), cgi.record(4, 2), cgi.record(5, 2))],
      ['>', concat(cgi.record(8, 2, 'data'), cgi.record(8, 2))],
      ['<', cgi.response(2, ok)],
    ],
    ['> /a', '< Forbidden', '> /a', '< 200'],
  ],
  [
    'what an application can do',
    [
      ['>', cgi.record(9, 0, cgi.params({ FCGI_MAX_CONNS: '', FCGI_MPXS_CONNS: '' }))],
      ['<', cgi.record(10, 0, cgi.params({ FCGI_MAX_CONNS: '1' }))],
    ],
    ['> GET_VALUES', '< ok'],
  ],
];

it.each(TABLE)('fastcgi: %s', (_name, turns, expected) => {
  expect(outline(converse(turns).messages)).toEqual(expected);
});

it('fastcgi: variables cut anywhere between records, and the context in them', () => {
  const params = cgi.params({
    SCRIPT_NAME: '/index.php',
    DOCUMENT_URI: '/index.php',
    REQUEST_METHOD: 'POST',
    REQUEST_URI: '/orders/7?x=1',
    HTTP_HOST: 'shop.test',
    HTTP_COOKIE: 'c'.repeat(300),
    HTTP_TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    HTTP_X_REQUEST_ID: 'r-1',
  });
  for (let at = 1; at < params.length; at += 7) {
    const records = [params.slice(0, at), params.slice(at)].map((part) => cgi.record(4, 1, part));
    const whole = concat(cgi.begin(1), ...records, cgi.record(4, 1), cgi.record(5, 1, 'body'), cgi.record(5, 1));
    const [message] = converse([['>', whole]]).messages;
    expect(message).toMatchObject({
      type: 'request',
      length: whole.length,
      fields: {
        method: 'POST',
        resource: '/orders/7?x=1',
        endpoint: '/index.php',
        domain: 'shop.test',
        requestId: 1,
        traceIds: ['a'.repeat(32)],
        spanId: 'b'.repeat(16),
        xRequestId: 'r-1',
      },
    });
  }
});

it('fastcgi: a body that was not captured is passed over by its records', () => {
  const body = 'x'.repeat(4000);
  const { messages, coverage } = converse(
    [
      ['>', concat(cgi.begin(1), cgi.record(4, 1, cgi.params(GET)), cgi.record(4, 1), cgi.record(5, 1))],
      ['<', cgi.record(6, 1, ok + body)],
      ['<', concat(cgi.record(6, 1), cgi.end(1))],
      ['>', cgi.request(1, GET)],
      ['<', cgi.response(1, ok)],
    ],
    { options: { limit: 300 } },
  );
  expect(outline(messages)).toEqual(['> /a', '< 200 …', '> /a', '< 200']);
  expect(coverage.lostBytes).toBe(0);
});
