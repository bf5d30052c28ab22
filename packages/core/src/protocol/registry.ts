import { amqp } from './amqp/amqp';
import { dns } from './dns/dns';
import { http1 } from './http1/http1';
import { kafka } from './kafka/kafka';
import type { BuiltInProtocol } from './l7-protocol';
import { memcached } from './memcached/memcached';
import { mongodb } from './mongodb/mongodb';
import { mqtt } from './mqtt/mqtt';
import { mysql } from './mysql/mysql';
import { nats } from './nats/nats';
import { postgresql } from './postgresql/postgresql';
import type { ProtocolParser } from './protocol-parser';
import { redis } from './redis/redis';
import { tls } from './tls';

/** All protocols there are names for, gaps included. */
export const PROTOCOL_TABLE: Record<BuiltInProtocol, ProtocolParser | 'not-parsed'> = {
  http: http1,
  http2: 'not-parsed',
  grpc: 'not-parsed',
  dns,
  mysql,
  postgresql,
  redis,
  mongodb,
  kafka,
  mqtt,
  amqp,
  nats,
  memcached,
  dubbo: 'not-parsed',
  fastcgi: 'not-parsed',
  pulsar: 'not-parsed',
  rocketmq: 'not-parsed',
  openwire: 'not-parsed',
  zmtp: 'not-parsed',
  sofarpc: 'not-parsed',
  tars: 'not-parsed',
  someip: 'not-parsed',
  brpc: 'not-parsed',
  tls,
};

/** In the order in which they are asked: the first that is sure wins. */
export const PARSERS: readonly ProtocolParser[] = [
  // Rejects at the first byte, and nothing else starts with a record type and a TLS version.
  tls,
  // Rejects at the first byte; a method or version in letters is unmistakable.
  http1,
  // After HTTP, whose words could be inline commands: then only Redis's own words count, and arrays of strings.
  redis,
  // A frame's type is one letter, but its length and body have to agree.
  postgresql,
  // A small length and sequence number, then a greeting, a login, or a statement that begins with a word of SQL.
  mysql,
  // One of nine codes in four bytes, and a body that begins as the code asks for.
  mongodb,
  // Lines of a fixed form, upper-case or of any case with JSON or sizes: nothing that Redis or HTTP took.
  nats,
  // Lower-case lines of a fixed form; Redis's inline commands were asked for before. Binary heads have lengths that agree.
  memcached,
  // Names itself at first; later a known method in a frame whose end is marked.
  amqp,
  // A CONNECT names it; later only whole packets whose topic is text.
  mqtt,
  // Requests only: small numbers in their places, a known call, and a name in text.
  kafka,
  // No fixed bytes at all, only a structure: last, so that nothing is kept from a protocol with a mark of its own.
  dns,
];
