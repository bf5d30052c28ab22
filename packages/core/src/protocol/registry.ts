import { amqp } from './amqp/amqp';
import { brpc } from './brpc/brpc';
import { dns } from './dns/dns';
import { dubbo } from './dubbo/dubbo';
import { fastcgi } from './fastcgi/fastcgi';
import { http1 } from './http1/http1';
import { http2 } from './http2/http2';
import { kafka } from './kafka/kafka';
import type { BuiltInProtocol } from './l7-protocol';
import { memcached } from './memcached/memcached';
import { mongodb } from './mongodb/mongodb';
import { mqtt } from './mqtt/mqtt';
import { mysql } from './mysql/mysql';
import { nats } from './nats/nats';
import { openwire } from './openwire/openwire';
import { postgresql } from './postgresql/postgresql';
import type { ProtocolParser } from './protocol-parser';
import { pulsar } from './pulsar/pulsar';
import { redis } from './redis/redis';
import { rocketmq } from './rocketmq/rocketmq';
import { sofarpc } from './sofarpc/sofarpc';
import { someip } from './someip/someip';
import { tars } from './tars/tars';
import { tls } from './tls/tls';
import { zmtp } from './zmtp/zmtp';

/** All protocols there are names for, gaps included. */
export const PROTOCOL_TABLE: Record<BuiltInProtocol, ProtocolParser | 'not-parsed'> = {
  http: http1,
  http2,
  grpc: http2,
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
  dubbo,
  fastcgi,
  pulsar,
  rocketmq,
  openwire,
  zmtp,
  sofarpc,
  tars,
  someip,
  brpc,
  tls,
};

/** In the order in which they are asked: the first that is sure wins. */
export const PARSERS: readonly ProtocolParser[] = [
  // Rejects at the first byte, and nothing else starts with a record type and a TLS version.
  tls,
  // Rejects at the first byte; a method or version in letters is unmistakable.
  http1,
  // Rejects at the first byte, all but zeros; then frames without a flaw, one of them with a content that agrees.
  http2,
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
  // A signature of ff, zeros and 7f that nothing else begins with, or a command by its name.
  zmtp,
  // The handshake names itself; later a known command whose number, flags and first field agree.
  openwire,
  // Two lengths that agree, then a field of protobuf that carries its command's number and fills them.
  pulsar,
  // Two lengths that agree, then a JSON object that begins with one of its names, or numbers that add up to them.
  rocketmq,
  // A CONNECT names it; later only whole packets whose topic is text.
  mqtt,
  // Four letters and lengths that agree.
  brpc,
  // A magic number, and a status and flags that agree.
  dubbo,
  // Five small numbers in their places, and the name of a class in text.
  sofarpc,
  // Fixed bytes around an id: a request's begin, an answer's end; or output that begins as CGI's does.
  fastcgi,
  // A length, then fields whose tags and types are fixed. Before Kafka, which begins with a length too.
  tars,
  // Requests only: small numbers in their places, a known call, and a name in text.
  kafka,
  // One fixed byte, and a type, a code, a method and a length that have to agree; a datagram's is exact.
  someip,
  // No fixed bytes at all, only a structure: last, so that nothing is kept from a protocol with a mark of its own.
  dns,
];
