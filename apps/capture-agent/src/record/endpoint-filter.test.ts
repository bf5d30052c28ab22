import { Direction } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { EndpointFilter, type ExchangeMemory, parseEndpointPattern } from './endpoint-filter';
import type { CallBytes } from './payload-policy';

const { ingress, egress } = Direction;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: shop\r\nContent-Length: ${body.length}\r\n\r\n`;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const filterOf = (only: readonly string[], excluded: readonly string[]) =>
  new EndpointFilter(only.map(parseEndpointPattern), excluded.map(parseEndpointPattern));

/** One letter a call of a server's connection: k = kept, - = left out. `>` is a call of the client, `<` of the server. */
function fate(filter: EndpointFilter, protocol: string, calls: readonly string[]): string {
  let exchange: ExchangeMemory | undefined;
  return calls
    .map((call) => {
      const bytes = Buffer.from(call.slice(1), 'latin1');
      const direction = call[0] === '>' ? ingress : egress;
      const { length } = bytes;
      const made: CallBytes = { bytes, from: 0, length, moved: length, direction, transport: 'tcp' };
      exchange = filter.exchangeAt(protocol, made, exchange);
      return exchange?.leftOut === true ? '-' : 'k';
    })
    .join('');
}

describe('a pattern', () => {
  const PATHS = ['/health', '/health/live', '/healthy', '/orders/7', '/a.b'];
  it.each<[string, string[]]>([
    ['GET /health', ['/health']],
    ['/health', ['/health']],
    ['GET /health*', ['/health', '/health/live', '/healthy']],
    ['/health/*', ['/health/live']],
    ['http:*/orders/{id}', ['/orders/7']],
    ['POST /health', []],
    ['/a?b', []],
    ['/a.b', ['/a.b']],
    ['*', PATHS],
  ])('%s is about %j', (pattern, paths) => {
    const filter = filterOf([], [pattern]);
    expect(PATHS.filter((path) => fate(filter, 'http', [`>${get(path)}`]) === '-')).toEqual(paths);
  });

  it.each([
    ['http2:GET /health', /in order: http, /],
    ['dns:*', /in order: http, /],
    ['tls:*', /in order: http, /],
    ['redis:', /such as "GET \/health\*"/],
    [' ', /such as "GET \/health\*"/],
  ])('%j is refused', (pattern, reason) => {
    expect(() => parseEndpointPattern(pattern)).toThrow(reason);
  });

  it('is about HTTP unless it names another protocol', () => {
    const names = ['GET /a', 'redis:PING', 'other:/a'].map((text) => parseEndpointPattern(text).text);
    expect(names).toEqual(['http:GET /a', 'redis:PING', 'http:other:/a']);
  });
});

describe('turns of a connection', () => {
  const health = filterOf([], ['/health']);

  it.each<[string, string[], string]>([
    ['are left out as a whole', [`>${get('/health')}`, `<${OK}`, `>${get('/a')}`, `<${OK}`], '--kk'],
    ['with body and all', [`>${post('/health', '{}')}`, '>{}', `<${OK.slice(0, 20)}`, `<${OK.slice(20)}`], '----'],
    ['are kept as a whole', [`>${post('/a', get('/health'))}`, `>${get('/health')}`, `<${OK}`], 'kkk'],
    ['in one call share their fate', [`>${get('/health')}${get('/a')}`, `<${OK}${OK}`], 'kk'],
    ['in one call are left out together', [`>${get('/health')}${get('/health')}`, `<${OK}${OK}`], '--'],
    ['sent ahead go with the one before', [`>${get('/health')}`, `>${get('/a')}`, `<${OK}`, `>${get('/a')}`], '---k'],
    ['begun before the recording are kept', [`<${OK}`, '>{}', `>${get('/health')}`, `<${OK}`], 'kk--'],
    ['of which the first line comes in two calls are kept', [`>${get('/health').slice(0, 8)}`, `<${OK}`], 'kk'],
  ])('%s', (_name, calls, expected) => {
    expect(fate(health, 'http', calls)).toBe(expected);
  });

  it('are kept when one of the patterns is about them, and none that leaves out', () => {
    const filter = filterOf(['/orders*', '/health'], ['GET /health']);
    const asked = ['/orders/7', '/carts/7', '/health'].flatMap((path) => [`>${get(path)}`, `<${OK}`]);
    expect(fate(filter, 'http', asked)).toBe('kk----');
  });

  it('of protocols that no pattern names are kept', () => {
    expect(fate(filterOf(['/orders*'], []), 'redis', ['>*1\r\n$4\r\nPING\r\n', '<+PONG\r\n'])).toBe('kk');
    expect(fate(filterOf([], ['redis:PING']), 'redis', ['>*1\r\n$4\r\nPING\r\n', '<+PONG\r\n'])).toBe('--');
  });
});
