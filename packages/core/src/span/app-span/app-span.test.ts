import { describe, expect, it } from 'vitest';
import type { HostId, Nanoseconds } from '../../base/brand';
import { testSpan } from '../../testing/index';
import type { AppSpan } from '../span';
import { appSpans, settleHost } from './app-span';
import { MAX_KEPT_ATTRIBUTES, MAX_KEPT_CHARACTERS } from './attributes';
import type { AttributeMap, ReportedSpan } from './reported-span';

function convert(span: Partial<ReportedSpan>, resource: AttributeMap = { 'service.name': 'shop' }): AppSpan {
  const whole: ReportedSpan = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    name: 'work',
    kind: 2,
    startTimeUnixNano: 1_000n,
    endTimeUnixNano: 5_000n,
    attributes: {},
    events: [],
    links: [],
    status: { code: 0 },
    ...span,
  };
  const batches = [{ resource: { attributes: resource }, scopeSpans: [{ scope: { name: 'test' }, spans: [whole] }] }];
  return [...appSpans(batches, (epoch) => Number(epoch) as Nanoseconds)][0]!;
}

describe('an application span', () => {
  it.each([
    [0, 'app'],
    [1, 'app'],
    [2, 's-app'],
    [3, 'c-app'],
    [4, 'c-app'],
    [5, 's-app'],
  ])('of kind %i is seen at %s', (kind, tapSide) => {
    expect(convert({ kind }).tapSide).toBe(tapSide);
  });

  it('says who reported it, and when', () => {
    const resource = {
      'service.name': 'cart',
      'service.instance.id': 'cart-7',
      'host.name': 'web-1',
      'process.pid': 4711,
    };
    expect(convert({ parentSpanId: 'a1b2c3d4e5f60718', traceState: 'v=1' }, resource)).toMatchObject({
      serviceName: 'cart',
      instance: 'cart-7',
      hostName: 'web-1',
      hostId: 'otlp:web-1',
      pid: 4711,
      start: 1_000,
      end: 5_000,
      traceIds: ['4bf92f3577b34da6a3ce929d0e0e4736'],
      spanId: '00f067aa0ba902b7',
      parentSpanId: 'a1b2c3d4e5f60718',
      traceState: 'v=1',
      protocol: 'app',
      resource: 'work',
      status: 'ok',
      resourceAttributes: resource,
    });
    expect(convert({}, {})).toMatchObject({ serviceName: 'unknown_service', hostId: 'otlp:unknown_service' });
  });

  it('has the same id each time it is reported, and another at the other end of a shared one', () => {
    expect(convert({}).id).toBe(convert({}).id);
    expect(convert({ kind: 3 }).id).not.toBe(convert({ kind: 2 }).id);
  });

  it.each([
    [
      'HTTP',
      {
        'http.request.method': 'GET',
        'url.path': '/carts/17',
        'url.query': 'full=1',
        'server.address': 'shop.test',
        'server.port': 443,
        'http.response.status_code': 200,
        'network.protocol.version': '2',
      },
      {
        protocol: 'http2',
        method: 'GET',
        resource: '/carts/17?full=1',
        endpoint: '/carts/{id}',
        domain: 'shop.test',
        version: '2',
        statusCode: 200,
        status: 'ok',
      },
    ],
    [
      'HTTP, old names',
      {
        'http.method': 'POST',
        'http.url': 'http://shop.test:8080/carts?x=1#top',
        'http.route': '/carts',
        'http.status_code': '503',
        'http.flavor': '1.1',
      },
      {
        protocol: 'http',
        method: 'POST',
        resource: '/carts?x=1',
        endpoint: '/carts',
        domain: 'shop.test:8080',
        version: '1.1',
        statusCode: 503,
        status: 'server_error',
      },
    ],
    [
      'an HTTP server, old names',
      { 'http.method': 'GET', 'http.target': '/a?b', 'http.host': 'a.test', 'http.status_code': 404 },
      { protocol: 'http', resource: '/a?b', domain: 'a.test', status: 'client_error' },
    ],
    [
      'SQL',
      { 'db.system.name': 'mysql', 'db.query.text': 'select `a` from t where b = "x"', 'db.namespace': 'shop' },
      { protocol: 'mysql', method: 'SELECT', endpoint: 'select `a` from t where b = ?', domain: 'shop' },
    ],
    [
      'SQL, old names',
      { 'db.system': 'postgresql', 'db.statement': 'DELETE FROM t WHERE id = 7', 'db.operation': 'DELETE' },
      { protocol: 'postgresql', method: 'DELETE', resource: 'DELETE FROM t WHERE id = 7' },
    ],
    [
      'Redis',
      { 'db.system': 'redis', 'db.statement': 'GET user:7' },
      { protocol: 'redis', method: 'GET', resource: 'GET user:7', endpoint: 'GET' },
    ],
    [
      'MongoDB',
      { 'db.system.name': 'mongodb', 'db.operation.name': 'find', 'db.collection.name': 'items' },
      { protocol: 'mongodb', method: 'find', endpoint: 'find items', resource: 'find items' },
    ],
    [
      'a database without a protocol of its own',
      { 'db.system': 'sqlite', 'db.operation': 'SELECT' },
      { protocol: 'app', method: 'SELECT' },
    ],
    [
      'gRPC, old names',
      { 'rpc.system': 'grpc', 'rpc.service': 'shop.Cart', 'rpc.method': 'Add', 'rpc.grpc.status_code': 5 },
      { protocol: 'grpc', resource: '/shop.Cart/Add', statusCode: 5, status: 'client_error' },
    ],
    [
      'gRPC',
      { 'rpc.system.name': 'grpc', 'rpc.method': 'shop.Cart/Add', 'rpc.response.status_code': 'UNAVAILABLE' },
      { protocol: 'grpc', resource: '/shop.Cart/Add', statusCode: 14, status: 'server_error' },
    ],
    [
      'Kafka',
      { 'messaging.system': 'kafka', 'messaging.operation.type': 'send', 'messaging.destination.name': 'orders' },
      { protocol: 'kafka', method: 'send', resource: 'orders', endpoint: 'orders' },
    ],
    [
      'RabbitMQ, old names',
      { 'messaging.system': 'rabbitmq', 'messaging.operation': 'publish', 'messaging.destination': 'q' },
      { protocol: 'amqp', method: 'publish', resource: 'q' },
    ],
  ])('tells of a request: %s', (_, attributes, expected) => {
    expect(convert({ attributes })).toMatchObject(expected);
  });

  it('has the exception that was recorded last, or what its status says', () => {
    const event = (message: string) => ({
      name: 'exception',
      timeUnixNano: 2_000n,
      attributes: { 'exception.type': 'Error', 'exception.message': message },
    });
    const thrown = convert({ events: [event('first'), event('last')], status: { code: 2, message: 'other' } });
    expect(thrown).toMatchObject({ exception: 'Error: last', status: 'server_error' });
    expect(convert({ status: { code: 2, message: 'told' } })).toMatchObject({ exception: 'told' });
    expect(convert({ status: { code: 1, message: 'told' } })).not.toHaveProperty('exception');
  });

  it('keeps no more than a page can show', () => {
    const long = 'x'.repeat(100_000);
    const attributes = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`a${n}`, long]));
    const span = convert({ name: long, attributes: { ['__proto__']: 'x', ...attributes } });
    expect(Object.keys(span.attributes!).length).toBeLessThanOrEqual(MAX_KEPT_ATTRIBUTES);
    expect(span.attributes!.a0).toHaveLength(MAX_KEPT_CHARACTERS);
    expect(span.name).toHaveLength(MAX_KEPT_CHARACTERS);
    expect(convert({ attributes: { list: [1n, 'a'], wide: 2n ** 60n } }).attributes).toEqual({
      list: '["1","a"]',
      wide: '1152921504606846976',
    });
  });

  it('gets the host that has its name', () => {
    const span = convert({}, { 'host.name': 'web-1' });
    const hosts = new Map([['web-1', 'boot-a' as HostId]]);
    expect(settleHost(span, hosts).hostId).toBe('boot-a');
    expect(settleHost(convert({}, { 'host.name': 'web-2' }), hosts).hostId).toBe('otlp:web-2');
    const other = testSpan();
    expect(settleHost(other, hosts)).toBe(other);
  });
});
