/** Names used in the command's JSON. The table of parsers shows which of them are read today. */
export const L7_PROTOCOLS = [
  'http',
  'http2',
  'grpc',
  'dns',
  'mysql',
  'postgresql',
  'redis',
  'mongodb',
  'kafka',
  'mqtt',
  'amqp',
  'nats',
  'memcached',
  'dubbo',
  'fastcgi',
  'pulsar',
  'rocketmq',
  'openwire',
  'zmtp',
  'sofarpc',
  'tars',
  'someip',
  'brpc',
  'tls',
] as const;
export type BuiltInProtocol = (typeof L7_PROTOCOLS)[number];

/** A built-in protocol, or the name that a user's own parser goes by. */
export type L7Protocol = BuiltInProtocol | (string & Record<never, never>);
