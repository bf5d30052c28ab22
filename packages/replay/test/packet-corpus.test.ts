import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
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
type Expected = { readonly type: string; readonly packet: number | null } & Readonly<Record<string, unknown>>;

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

const expectedOf = (name: string) =>
  (JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8')) as { messages: Expected[] }).messages.filter(
    ({ type }) => type === 'request' || type === 'response',
  );

const FIELDS = ['method', 'resource', 'endpoint', 'domain', 'requestId', 'statusCode', 'status', 'exception', 'spanId'];

/** Expectations that we do not meet; the reasons stand with core's test of the same captures. */
const DIFFERENT: readonly string[] = ['postgresql method', 'dns status', 'http response endpoint', 'someip exception'];

describe.skipIf(MISSING)(`packet captures in ${FOLDER}${MISSING ? ' (not there: skipped)' : ''}`, () => {
  it('are all there', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(74);
  });

  it.each(FILES)('%s is read without damage', async (name) => {
    const { status, complaints } = await messages(name);
    expect([status, complaints]).toEqual([0, '']);
  });

  it.each([
    ['http', 'deepflow/http/httpv1'],
    ['http', 'deepflow/http/sw8'],
    ['redis', 'deepflow/redis/redis'],
    ['redis', 'deepflow/redis/redis-error'],
    ['postgresql', 'deepflow/postgre/simple_query'],
    ['postgresql', 'deepflow/postgre/error'],
    ['dns', 'deepflow/dns/dns'],
    ['dns', 'deepflow/dns/nxdomain'],
    ['dns', 'deepflow/dns/not-handled-qtype'],
    ['grpc', 'deepflow/http/h2c_ascii'],
    ['grpc', 'deepflow/http/grpc-unary'],
    ['http2', 'deepflow/http/httpv2-stream-id'],
    ['brpc', 'deepflow/brpc/brpc-echo'],
    ['dubbo', 'deepflow/dubbo/dubbo-sw8'],
    ['dubbo', 'deepflow/dubbo/dubbo_hessian2'],
    ['someip', 'deepflow/some_ip/some_ip'],
    ['tars', 'deepflow/tars/tars-echo'],
  ])('%s: each asserted message of %s is ours, at its packet', async (protocol, name) => {
    const { lines } = await messages(`${name}.pcap`);
    const differences = expectedOf(name).flatMap((expected) => {
      const [ours] = lines.filter(({ type, packet }) => type === expected.type && packet === expected.packet);
      if (ours === undefined) return [`packet ${expected.packet}: no ${expected.type}`];
      return [...FIELDS, 'protocol']
        .filter((field) => (field === 'protocol' ? ours.protocol !== protocol : expected[field] !== undefined))
        .filter((field) => field === 'protocol' || JSON.stringify(ours[field]) !== JSON.stringify(expected[field]))
        .filter((field) => !DIFFERENT.includes(`${protocol} ${field}`))
        .filter((field) => !DIFFERENT.includes(`${protocol} ${expected.type} ${field}`))
        .map((field) => `packet ${expected.packet} ${field}: ${ours[field]} instead of ${expected[field]}`);
    });
    expect(differences).toEqual([]);
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
    ['tls', 'zeek-tls12.pcap', 1],
    ['tls', 'zeek-tls-alert.pcap', 1],
  ])('%s: finds all requests and responses of %s', async (protocol, name, requests) => {
    const { lines } = await messages(`extra/${name}`);
    const count = (type: string) => lines.filter((line) => line.type === type && line.protocol === protocol).length;
    expect([count('request'), count('response')]).toEqual([requests, requests]);
  });
});
