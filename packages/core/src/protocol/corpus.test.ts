import { afterAll, describe, expect, it } from 'vitest';
import type { Message } from '../message/message';
import { createPipeline } from '../pipeline/create-pipeline';
import { blockFromPcap } from './test-pcap';

/**
 * Packet captures that nobody here wrote, with what another tool says of them: see the README beside them. They lie
 * outside the repository; where they are not, these tests are skipped.
 */
interface Files {
  readFileSync(path: string): Uint8Array;
  existsSync(path: string): boolean;
}
interface Process {
  cwd(): string;
  stdout: { write(text: string): void };
  env: Record<string, string | undefined>;
}
// Core has no types of Node's: what is needed of them stands above.
const node = <T>(name: string): Promise<T> => import(/* @vite-ignore */ `node:${name}`) as Promise<T>;
const files = await node<Files>('fs');
const process = await node<Process>('process');
const folder = process.env.CAUSEWAY_CORPUS ?? `${process.cwd()}/../shared/corpus`;
const missing = !files.existsSync(`${folder}/README.md`);

function messagesOf(path: string): Message[] {
  const messages: Message[] = [];
  const pipeline = createPipeline({ onMessage: (message) => messages.push(message) });
  pipeline.push(blockFromPcap(files.readFileSync(`${folder}/${path}`)));
  pipeline.end();
  return messages;
}

function readJson<T>(path: string): T {
  const bytes = files.readFileSync(`${folder}/${path}`);
  return JSON.parse(String.fromCharCode(...bytes)) as T;
}

const FIELDS = [
  'method',
  'resource',
  'endpoint',
  'domain',
  'requestId',
  'statusCode',
  'status',
  'exception',
  'traceIds',
  'spanId',
] as const;
type Expected = { readonly type: string; readonly streamId?: unknown } & {
  readonly [Name in (typeof FIELDS)[number]]?: unknown;
};

/** Expectations that we do not meet, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'postgresql method': 'the letter of the frame is expected; ours is the verb of the statement, which tells more',
  'dns status':
    'the other tool was told to pass over names that end in svc.cluster.local; an NXDOMAIN is one all the same',
};

/** Likewise, told by protocol, type and difference. */
const EXPLAINED: readonly (readonly [RegExp, string])[] = [
  [
    /^mysql request resource: .* instead of "(?:LongLong|deepflow-server-0)/,
    'the values of an EXECUTE are expected; ours is its statement with the values filled in, which can be read and run',
  ],
  [/^mysql response status: "unknown" instead of "ok"$/, 'what is compressed is not read, so it is not known'],
  [/^rocketmq response exception: undefined instead of "FOUND"$/, 'the remark of a success is no exception'],
  [/^mongodb request resource: .*(?:payload).*…/, 'proofs of identity are not shown'],
  [
    /^amqp request (?:statusCode: 200 instead of "Success"|exception: undefined instead of "Normal shutdown")$/,
    'a code of 200 is no exception; ours is the code as sent',
  ],
  [
    /^someip response exception: undefined instead of "No error occurred"$/,
    'a response that tells of no error has no exception',
  ],
];

/** HTTP/2's stream is the number that pairs request and response. */
function withRequestId({ streamId, ...rest }: Expected): Expected {
  return streamId === undefined ? rest : { ...rest, requestId: streamId };
}

/** Ours that fits the expectation best: the first of the same type with no field different, else the first of that type. */
function differences(expected: Expected, ours: readonly Message[]): readonly string[] {
  const anyType = expected.type === 'session' || expected.type === 'other';
  const candidates = ours.filter(({ type }) => type === expected.type || anyType);
  const lists = candidates.map(({ fields }) =>
    FIELDS.filter((name) => expected[name] !== undefined && (fields[name] !== undefined || !anyType))
      .filter((name) => JSON.stringify(fields[name]) !== JSON.stringify(expected[name]))
      .map((name) => `${name}: ${JSON.stringify(fields[name])} instead of ${JSON.stringify(expected[name])}`),
  );
  return lists.sort((a, b) => a.length - b.length)[0] ?? ['no such message'];
}

function isExplained(protocol: string, type: string, difference: string): boolean {
  return (
    DIFFERENCES[`${protocol} ${difference.split(':')[0]}`] !== undefined ||
    EXPLAINED.some(([known]) => known.test(`${protocol} ${type} ${difference}`))
  );
}

interface Tally {
  asserted: number;
  matched: number;
  explained: number;
}
const tallies = new Map<string, Tally>();

describe.skipIf(missing)(`corpus in ${folder}${missing ? ' (not there: skipped)' : ''}`, () => {
  afterAll(() => {
    for (const [protocol, { asserted, matched, explained }] of tallies) {
      const different = asserted - matched - explained;
      process.stdout.write(
        `corpus ${protocol}: ${asserted} asserted, ${matched} match, ${explained} differ as explained, ${different} differ\n`,
      );
    }
  });

  it.each([
    ['http', 'http/httpv1'],
    ['http', 'http/sw8'],
    ['redis', 'redis/redis'],
    ['redis', 'redis/redis-error'],
    ['postgresql', 'postgre/simple_query'],
    ['postgresql', 'postgre/error'],
    ['dns', 'dns/dns'],
    ['dns', 'dns/nxdomain'],
    ['dns', 'dns/not-handled-qtype'],
    ['mysql', 'mysql/mysql'],
    ['mysql', 'mysql/mysql-error'],
    ['mysql', 'mysql/mysql-exec'],
    ['mysql', 'mysql/mysql-statement'],
    ['mysql', 'mysql/mysql-table-create'],
    ['mysql', 'mysql/mysql-table-insert'],
    ['mysql', 'mysql/mysql-table-select'],
    ['mysql', 'mysql/mysql-compressed-response'],
    ['mysql', 'mysql/mysql-use'],
    ['mysql', 'mysql/truncate-1024'],
    ['mongodb', 'mongo/mongo'],
    ['memcached', 'memcached/memcached'],
    ['kafka', 'kafka/00-produce-v2'],
    ['kafka', 'kafka/00-produce-v7-sw8'],
    ['kafka', 'kafka/01-fetch-v12-ok'],
    ['kafka', 'kafka/11-join-group-v7'],
    ['kafka', 'kafka/18-api-versions-v3'],
    ['amqp', 'amqp/amqp1'],
    ['amqp', 'amqp/amqp3'],
    ['mqtt', 'mqtt/mqtt_connect'],
    // mqtt_error holds a DNS answer, which the other tool took for a Connack.
    ['mqtt', 'mqtt/mqtt_pub'],
    ['grpc', 'http/h2c_ascii'],
    ['grpc', 'http/grpc-unary'],
    ['grpc', 'http/grpc-server-stream'],
    ['http2', 'http/httpv2-stream-id'],
    ['nats', 'nats/nats-headers'],
    ['nats', 'nats/nats-nrpc1'],
    ['nats', 'nats/nats-skywalking'],
    ['brpc', 'brpc/brpc-echo'],
    ['dubbo', 'dubbo/dubbo-sw8'],
    ['dubbo', 'dubbo/dubbo_hessian2'],
    ['fastcgi', 'fastcgi/fastcgi'],
    ['sofarpc', 'sofarpc/sofa-old'],
    ['someip', 'some_ip/some_ip'],
    ['tars', 'tars/tars-echo'],
    ['pulsar', 'pulsar/pulsar-producer'],
    ['rocketmq', 'rocketmq/rocketmq-consumer-skywalking'],
    ['rocketmq', 'rocketmq/rocketmq-get-routeinfo-by-topic'],
    ['rocketmq', 'rocketmq/rocketmq-heartbeat'],
    ['rocketmq', 'rocketmq/rocketmq-producer-otel'],
    ['rocketmq', 'rocketmq/rocketmq-send-message-v2'],
    ['openwire', 'openwire/openwire_exception'],
    ['openwire', 'openwire/openwire_injected'],
    ['openwire', 'openwire/openwire_loose_consumer'],
    ['openwire', 'openwire/openwire_tight_producer'],
    ['zmtp', 'zmtp/zmtp_error'],
    ['zmtp', 'zmtp/zmtp_null'],
    ['zmtp', 'zmtp/zmtp_subscribe_one'],
  ])('%s: agrees on %s', (protocol, name) => {
    const ours = messagesOf(`deepflow/${name}.pcap`);
    expect(ours.every((message) => message.protocol === protocol)).toBe(true);
    const { messages } = readJson<{ messages: Expected[] }>(`deepflow/${name}.expected.json`);
    const asserted = messages
      .map(withRequestId)
      .filter(({ type }) => ['request', 'response', 'session', 'other'].includes(type));
    const tally = tallies.get(protocol) ?? { asserted: 0, matched: 0, explained: 0 };
    tallies.set(protocol, tally);
    const different = asserted.flatMap((expected) => {
      const all = differences(expected, ours);
      tally.asserted += 1;
      if (all.length === 0) tally.matched += 1;
      const unexplained = all.filter((difference) => !isExplained(protocol, expected.type, difference));
      if (all.length > 0 && unexplained.length === 0) tally.explained += 1;
      return unexplained.map((difference) => `${expected.type}: ${difference}`);
    });
    expect(different).toEqual([]);
  });

  it.each([
    ['http', 'zeek-http-pipelined.pcap', 5],
    ['http', 'zeek-http-vlan.pcap', 1],
    ['http', 'zeek-http-midstream-nosyn.pcap', 1],
    ['http', 'zeek-http-websocket-upgrade.pcap', 1],
    ['redis', 'zeek-redis-pipelining.pcap', 3],
    ['redis', 'zeek-redis-django.pcapng', 158],
    ['postgresql', 'zeek-pgsql-crud.pcap', 10],
    ['dns', 'tcpdump-dns-tcp.pcap', 1],
    ['memcached', 'ndpi-memcached.pcap', 1],
    ['mysql', 'zeek-mysql.pcap', 17],
    ['mqtt', 'zeek-mqtt.pcap', 8],
    ['nats', 'ndpi-nats.pcap', 5],
  ])('%s: finds all requests and responses of %s', (protocol, name, requests) => {
    const ours = messagesOf(`extra/${name}`);
    const count = (type: string) =>
      ours.filter((message) => message.type === type && message.protocol === protocol).length;
    expect([count('request'), count('response')]).toEqual([requests, requests]);
  });

  it.each<[string, object, readonly string[]]>([
    [
      'zeek-mysql-starttls',
      { opaqueTlsSockets: 1, messages: 3 },
      ['mysql SSL_REQUEST', 'tls 1.1', 'tls 1.1 TLS_DHE_RSA_WITH_AES_256_CBC_SHA'],
    ],
    ['zeek-tls12', { opaqueTlsSockets: 1, messages: 2 }, ['tls 1.2', 'tls 1.2 TLS_RSA_WITH_RC4_128_MD5']],
    ['zeek-tls-alert', { opaqueTlsSockets: 1, messages: 2 }, ['tls 1.2', 'tls handshake_failure']],
  ])('shows the handshake of %s, and that the rest is opaque', (name, coverage, outline) => {
    const messages: Message[] = [];
    const pipeline = createPipeline({ onMessage: (message) => messages.push(message) });
    pipeline.push(blockFromPcap(files.readFileSync(`${folder}/extra/${name}.pcap`)));
    pipeline.end();
    expect(pipeline.coverage()).toMatchObject(coverage);
    expect(
      messages.map(({ protocol, fields: { method, version, resource, exception } }) =>
        [protocol, protocol === 'tls' ? [version, exception ?? resource] : method]
          .flat()
          .filter((part) => part)
          .join(' '),
      ),
    ).toEqual(outline);
  });
});
