import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { runMessages } from '../src/node';

/**
 * Packet captures that nobody here wrote, with what other tools say of them: see the README beside them. They lie outside
 * the repository; where they are not, these tests are skipped.
 */
const FOLDER = process.env.CAUSEWAY_CORPUS ?? join(process.cwd(), '..', 'shared', 'corpus');
const MISSING = !existsSync(join(FOLDER, 'README.md'));
const FILES = MISSING
  ? []
  : readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.pcap(ng)?$/.test(name))
      .sort();

type Line = { readonly type: string; readonly protocol: string; readonly packet?: number } & Readonly<
  Record<string, unknown>
>;
type Expected = { readonly type: string; readonly packet?: number | null } & Readonly<Record<string, unknown>>;

async function messages(name: string): Promise<{ status: number; lines: Line[]; complaints: string }> {
  const written = ['', ''];
  const streams = written.map(
    (_, i) =>
      new Writable({
        write(chunk, _encoding, done) {
          written[i] += String(chunk);
          done();
        },
      }),
  );
  const status = await runMessages(join(FOLDER, name), { json: true, stdout: streams[0]!, stderr: streams[1]! });
  const lines = written[0]!
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return { status, lines, complaints: written[1]! };
}

const TYPES: readonly string[] = ['request', 'response', 'session', 'other'];
/** HTTP/2's stream is the number that pairs request and response. */
const expectedOf = (name: string) =>
  (JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8')) as { messages: Expected[] }).messages
    .filter(({ type }) => TYPES.includes(type))
    .map(({ streamId, ...rest }): Expected => (streamId === undefined ? rest : { ...rest, requestId: streamId }));

const FIELDS = [
  ...['method', 'resource', 'endpoint', 'domain', 'requestId', 'statusCode', 'status', 'exception'],
  ...['traceIds', 'spanId'],
];

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

/** Ours that fits the expectation best: the first of the same type with no field different, else the first of that type. */
function differences(expected: Expected, ours: readonly Line[]): readonly string[] {
  const anyType = expected.type === 'session' || expected.type === 'other';
  const lists = ours
    .filter(({ type }) => type === expected.type || anyType)
    .map((line) =>
      FIELDS.filter((name) => expected[name] !== undefined && (line[name] !== undefined || !anyType))
        .filter((name) => JSON.stringify(line[name]) !== JSON.stringify(expected[name]))
        .map((name) => `${name}: ${JSON.stringify(line[name])} instead of ${JSON.stringify(expected[name])}`),
    );
  return lists.sort((a, b) => a.length - b.length)[0] ?? ['no such message'];
}

function reasonOf(protocol: string, type: string, difference: string): string | undefined {
  return (
    DIFFERENCES[`${protocol} ${difference.split(':')[0]}`] ??
    EXPLAINED.find(([known]) => known.test(`${protocol} ${type} ${difference}`))?.[1]
  );
}

interface Tally {
  asserted: number;
  matched: number;
  /** Of each reason, how many differ for it. */
  readonly explained: Map<string, number>;
}
const tallies = new Map<string, Tally>();

/** Protocols whose messages are expected at the packet that they begin in; the other tool cut the others' packets elsewhere. */
const AT_PACKET = ['http', 'redis', 'postgresql', 'dns', 'brpc', 'dubbo', 'someip', 'tars'];

describe.skipIf(MISSING)(`packet captures in ${FOLDER}${MISSING ? ' (not there: skipped)' : ''}`, () => {
  afterAll(() => {
    for (const [protocol, { asserted, matched, explained }] of [...tallies].sort()) {
      process.stdout.write(`corpus ${protocol}: ${asserted} expected, ${matched} match\n`);
      for (const [reason, count] of explained) process.stdout.write(`  ${count} differ: ${reason}\n`);
    }
  });

  it('are all there', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(74);
  });

  it.each(FILES)('%s is read without damage', async (name) => {
    const { status, complaints } = await messages(name);
    expect([status, complaints]).toEqual([0, '']);
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
  ])('%s: agrees on %s', async (protocol, name) => {
    const { lines } = await messages(`deepflow/${name}.pcap`);
    expect(lines.every((line) => line.protocol === protocol)).toBe(true);
    const tally = tallies.get(protocol) ?? { asserted: 0, matched: 0, explained: new Map<string, number>() };
    tallies.set(protocol, tally);
    const different = expectedOf(`deepflow/${name}`).flatMap((expected) => {
      const placed = AT_PACKET.includes(protocol) && typeof expected.packet === 'number';
      const all = differences(expected, placed ? lines.filter(({ packet }) => packet === expected.packet) : lines);
      tally.asserted += 1;
      if (all.length === 0) tally.matched += 1;
      const reasons = all.map((difference) => reasonOf(protocol, expected.type, difference));
      const unexplained = all.filter((_, i) => reasons[i] === undefined);
      const [reason] = reasons;
      if (unexplained.length === 0 && reason !== undefined) {
        tally.explained.set(reason, (tally.explained.get(reason) ?? 0) + 1);
      }
      return unexplained.map((difference) => `packet ${expected.packet} ${expected.type}: ${difference}`);
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
    ['tls', 'zeek-tls12.pcap', 1],
    ['tls', 'zeek-tls-alert.pcap', 1],
  ])('%s: finds all requests and responses of %s', async (protocol, name, requests) => {
    const { lines } = await messages(`extra/${name}`);
    const count = (type: string) => lines.filter((line) => line.type === type && line.protocol === protocol).length;
    expect([count('request'), count('response')]).toEqual([requests, requests]);
  });

  it.each<[string, readonly string[]]>([
    ['zeek-mysql-starttls', ['mysql SSL_REQUEST', 'tls 1.1', 'tls 1.1 TLS_DHE_RSA_WITH_AES_256_CBC_SHA']],
    ['zeek-tls12', ['tls 1.2', 'tls 1.2 TLS_RSA_WITH_RC4_128_MD5']],
    ['zeek-tls-alert', ['tls 1.2', 'tls handshake_failure']],
  ])('shows the handshake of %s, and nothing of what follows', async (name, outline) => {
    const { lines } = await messages(`extra/${name}.pcap`);
    expect(
      lines.map(({ protocol, method, version, resource, exception }) =>
        [protocol, ...(protocol === 'tls' ? [version, exception ?? resource] : [method])]
          .filter((part) => part)
          .join(' '),
      ),
    ).toEqual(outline);
  });
});
