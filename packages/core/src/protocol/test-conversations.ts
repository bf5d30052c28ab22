import { concat } from '../event/test-scene';
import {
  amqpFrames,
  command,
  dnsMessage,
  kafkaFrames,
  mongo,
  mqttPacket,
  mqttText,
  my,
  overTcp,
  pg,
  u16,
  u32,
} from './test-bytes';
import type { Turn } from './test-conversation';
import { RPC_CONVERSATIONS } from './test-conversations-rpc';
import {
  openwireFrames,
  pulsarFrames as pulsar,
  rocketmqFrames as rocketmq,
  TRACEPARENT,
  zmtpFrames as zmtp,
} from './test-queue-bytes';

const tight = openwireFrames(true, true);

/** A conversation of each protocol with most of its forms, for delivery in awkward ways. */
export const CONVERSATIONS: Readonly<Record<string, readonly Turn[]>> = {
  http: [
    [
      '>',
      'GET /a/1?q=2 HTTP/1.1\r\nHost: h.test\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n',
    ],
    [
      '<',
      'HTTP/1.1 200 OK\r\nX-Request-ID: q\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nyou\r\n0\r\nA: b\r\n\r\n',
    ],
    ['>', 'POST /b HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nabcdHEAD /c HTTP/1.1\r\n\r\n'],
    [
      '<',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n',
    ],
    ['>', 'GET /d HTTP/1.0\r\n\r\n'],
    ['<', 'HTTP/1.0 500 Oh\r\n\r\nuntil the end'],
  ],
  redis: [
    ['>', concat(command('HELLO', '3'), command('SET', 'k', 'v\r\n'), 'PING\r\n')],
    ['<', '%1\r\n+server\r\n$5\r\nredis\r\n+OK\r\n+PONG\r\n'],
    ['>', concat(command('GET', 'k'), command('LRANGE', 'l', '0', '-1'), command('INCR', 'l'))],
    ['<', '$-1\r\n*2\r\n$1\r\na\r\n*1\r\n:7\r\n-WRONGTYPE Operation\r\n'],
    ['>', command('SUBSCRIBE', 'a', 'b')],
    ['<', '>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n'],
    ['<', '>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n'],
  ],
  postgresql: [
    ['>', pg.startup({ user: 'shop', database: 'store' })],
    ['<', concat(pg.authentication(0), pg.ready)],
    ['>', pg.query("SELECT name FROM t WHERE id = 7 AND n = 'x'")],
    ['<', concat(pg.rowDescription('name'), pg.row('a'), pg.row('bb'), pg.complete('SELECT 2'), pg.ready)],
    ['>', concat(pg.parse('s1', 'UPDATE t SET a = $1'), pg.bind('s1', 'v'), pg.describe, pg.execute, pg.sync)],
    ['<', concat(pg.parsed, pg.bound, pg.rowDescription('a'), pg.complete('UPDATE 1'), pg.ready)],
    ['>', concat(pg.bind('s1', 'w'), pg.execute, pg.bind('s1', 'x'), pg.execute, pg.sync)],
    ['<', concat(pg.bound, pg.complete('UPDATE 1'), pg.bound, pg.error('23505', 'duplicate key'), pg.ready)],
  ],
  dns: [
    ['>', concat(overTcp(dnsMessage(1, 0x100, 'a.test', 1)), overTcp(dnsMessage(2, 0x100, 'b.test', 28)))],
    ['<', concat(overTcp(dnsMessage(2, 0x8183, 'b.test', 28)), overTcp(dnsMessage(1, 0x8180, 'a.test', 1, 2)))],
  ],
  mysql: [
    ['<', my.greeting()],
    ['>', my.login('shop', 'store')],
    ['<', my.ok(2)],
    ['>', my.query("SELECT name FROM t WHERE id = 7 AND n = 'x'")],
    ['<', concat(my.result('1', 0xa), my.result('2', 2, 6))],
    ['>', my.prepare('SELECT a FROM t WHERE b = ?')],
    ['<', my.prepared(5, 1, 1)],
    ['>', my.execute(5)],
    ['<', my.result('1')],
    ['>', concat(my.command(25, '\x05\0\0\0'), my.command(2, 'other'))],
    ['<', my.error(1049, '42000', "Unknown database 'other'")],
    ['>', my.command(1)],
  ],
  mongodb: [
    ['>', concat(mongo.msg(1, 0, { find: 'a', $db: 'd' }), mongo.msg(2, 0, { count: 'b', $db: 'd' }))],
    ['<', concat(mongo.msg(9, 2, { ok: 0, code: 59, errmsg: 'no such command' }), mongo.msg(10, 1, { n: 7, ok: 1 }))],
    ['>', mongo.msg(3, 0, { insert: 'a', $db: 'd' }, 2)],
  ],
  memcached: [
    ['>', 'set foo 0 0 5\r\na\r\nbc\r\nget foo bar\r\n'],
    ['<', 'STORED\r\nVALUE foo 0 5\r\na\r\nbc\r\nEND\r\n'],
    ['>', 'delete foo noreply\r\nstats\r\n'],
    ['<', 'STAT pid 7\r\nSTAT uptime 9\r\nEND\r\n'],
    ['>', 'incr n 1\r\n'],
    ['<', 'CLIENT_ERROR cannot increment\r\n'],
  ],
  nats: [
    ['<', 'INFO {"server_id":"S","version":"2.10.7"}\r\n'],
    ['>', 'CONNECT {"verbose":false}\r\nSUB a.* 1\r\n'],
    ['>', 'PUB a.b inbox.1 5\r\nhello\r\nHPUB a 22 27\r\nNATS/1.0\r\nBar: Baz\r\n\r\nhello\r\n'],
    ['<', "MSG a.b 1 inbox.1 5\r\nhello\r\n-ERR 'Unknown Subject'\r\n"],
  ],
  mqtt: [
    ['>', mqttPacket(0x10, mqttText('MQTT'), '\x05\x02\0\x3c\0', mqttText('device-7'))],
    ['<', mqttPacket(0x20, '\0\0\0')],
    ['>', concat(mqttPacket(0x82, u16(1), '\0', mqttText('a/#'), '\x01'), mqttPacket(0xc0))],
    ['<', concat(mqttPacket(0x90, u16(1), '\0\x01'), mqttPacket(0xd0))],
    ['>', mqttPacket(0x32, mqttText('a/b'), u16(7), '\x03\x23\0\x01', 'hello'.repeat(30))],
    ['<', concat(mqttPacket(0x40, u16(7)), mqttPacket(0x30, mqttText('a/b'), '\0', 'x'))],
  ],
  amqp: [
    ['>', 'AMQP\0\0\x09\x01'],
    ['<', amqpFrames.method(0, 10, 10, '\0\x09', '\0'.repeat(12))],
    ['>', concat(amqpFrames.method(0, 10, 11, '\0'.repeat(13)), amqpFrames.method(0, 10, 40, '\x01/\0\0'))],
    ['<', amqpFrames.method(0, 10, 41, '\0')],
    ['>', concat(amqpFrames.queueDeclare(1, 'a'), amqpFrames.publish(2, 'x', 'k'), amqpFrames.header(2, 3, 'b', 'c'))],
    ['>', concat(amqpFrames.body(2, 'a'), amqpFrames.body(2, 'bc'))],
    ['<', amqpFrames.method(1, 50, 11, '\x01a', '\0'.repeat(8))],
  ],
  kafka: [
    ['>', concat(kafkaFrames.produce(1, 'orders'), kafkaFrames.request(3, 1, 2, u32(1), kafkaFrames.text('orders')))],
    ['<', concat(kafkaFrames.response(2, u32(0)), kafkaFrames.produced(1, 'orders', 3))],
    ['>', kafkaFrames.request(11, 7, 5, '\0', '\x02g', u32(1000))],
    ['<', kafkaFrames.response(5, '\0', u32(0), u16(0))],
  ],
  ...RPC_CONVERSATIONS,
  pulsar: [
    ['>', pulsar.command(2, { 1: 'client', 4: 19 })],
    ['<', pulsar.command(3, { 1: 'broker', 2: 19 })],
    ['>', concat(pulsar.command(5, { 1: 'persistent://t/n/orders', 2: 3, 3: 1 }), pulsar.command(18))],
    ['<', concat(pulsar.command(19), pulsar.command(17, { 1: 1, 2: 'p' }))],
    ['>', pulsar.command(6, { 1: 3, 2: 0 }, pulsar.message({ traceparent: TRACEPARENT }, 'hello'))],
    ['>', pulsar.command(6, { 1: 3, 2: 1 }, pulsar.message({}, 'hello'))],
    ['<', concat(pulsar.command(7, { 1: 3, 2: 0 }), pulsar.command(8, { 1: 3, 2: 1, 3: 9, 4: 'checksum' }))],
    ['>', pulsar.command(11, { 1: 4, 2: 100 })],
  ],
  rocketmq: [
    [
      '>',
      concat(
        rocketmq.call(310, 7, { b: 'orders', e: '2', i: `traceparent\x01${TRACEPARENT}\x02` }),
        rocketmq.call(34, 8, {}),
      ),
    ],
    ['<', concat(rocketmq.answer(0, 8), rocketmq.answer(0, 7))],
    ['>', rocketmq.binary(11, 9, 0, '', { topic: 'orders', queueId: '1', queueOffset: '5' })],
    ['<', rocketmq.answer(0, 9, 'FOUND', rocketmq.stored('orders', `traceparent\x01${TRACEPARENT}\x02`, 'hello'))],
    ['<', rocketmq.binary(40, 9, 2, '', { consumerGroup: 'g' })],
  ],
  openwire: [
    ['>', tight.handshake()],
    ['<', concat(tight.handshake(11))],
    ['>', tight.connect(1)],
    ['<', tight.response(1)],
    ['>', concat(tight.send(2, 'orders', true, { traceparent: TRACEPARENT }), tight.sendAgain(3), tight.keepAlive())],
    ['<', concat(tight.response(2), tight.exception(3, 'java.lang.SecurityException', 'no'), tight.dispatch('orders'))],
    ['>', tight.shutdown(4)],
  ],
  zmtp: [
    ['<', zmtp.greeting()],
    ['>', zmtp.greeting()],
    ['<', zmtp.ready('REP')],
    ['>', zmtp.ready('REQ')],
    ['>', zmtp.message('', 'hello', 'x'.repeat(300))],
    ['<', zmtp.message('', 'world')],
    ['>', concat(zmtp.command('PING', '\0\x0a'), zmtp.message('', 'again'))],
    ['<', concat(zmtp.command('PONG'), zmtp.message('', 'world'))],
  ],
};
