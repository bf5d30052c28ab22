import type { BuiltInProtocol } from '@causeway/core';

const HUES = ['blue', 'orange', 'teal', 'pink', 'sky', 'olive', 'violet', 'green', 'brown', 'slate'] as const;
type Hue = (typeof HUES)[number];

/** A protocol has its colour everywhere; its name always stands beside it. */
const PROTOCOL_HUES: Readonly<Record<BuiltInProtocol, Hue>> = {
  http: 'blue',
  http2: 'sky',
  grpc: 'teal',
  dns: 'olive',
  mysql: 'orange',
  postgresql: 'violet',
  redis: 'pink',
  mongodb: 'green',
  kafka: 'brown',
  mqtt: 'brown',
  amqp: 'brown',
  nats: 'brown',
  memcached: 'pink',
  dubbo: 'teal',
  fastcgi: 'sky',
  pulsar: 'brown',
  rocketmq: 'brown',
  openwire: 'brown',
  zmtp: 'brown',
  sofarpc: 'teal',
  tars: 'teal',
  someip: 'teal',
  brpc: 'teal',
  tls: 'slate',
};

/** Programs met every day have fixed colours, so that a picture of one trace reads like the next. */
const SERVICE_HUES: readonly (readonly [RegExp, Hue])[] = [
  [/^nginx|^envoy|^haproxy|^caddy/, 'green'],
  [/^node|^bun|^deno/, 'blue'],
  [/^redis|^valkey|^memcached/, 'pink'],
  [/^postgres/, 'violet'],
  [/^mysqld|^mariadbd/, 'orange'],
  [/^python|^gunicorn|^uvicorn/, 'teal'],
  [/^curl|^wget|^wrk|^ab$|^hey$/, 'slate'],
  [/^java/, 'brown'],
];

/** CSS colour of a protocol. One that a user's own parser read has no fixed colour, but the same everywhere. */
export function protocolColour(protocol: string): string {
  const known = Object.hasOwn(PROTOCOL_HUES, protocol) ? PROTOCOL_HUES[protocol as BuiltInProtocol] : undefined;
  return `var(--hue-${known ?? HUES[hash(protocol) % HUES.length]})`;
}

/** CSS colour of a service: the same on every page and every day. */
export function serviceColour(service: string): string {
  const known = SERVICE_HUES.find(([pattern]) => pattern.test(service));
  return `var(--hue-${known?.[1] ?? HUES[hash(service) % HUES.length]})`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
