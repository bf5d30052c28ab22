import { describe, expect, it } from 'vitest';
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
type Expected = { readonly type: string } & { readonly [Name in (typeof FIELDS)[number]]?: unknown };

/** Expectations that we do not meet, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'postgresql method': 'the letter of the frame is expected; ours is the verb of the statement, which tells more',
  'dns status':
    'the other tool was told to pass over names that end in svc.cluster.local; an NXDOMAIN is one all the same',
  'http endpoint in a response': 'a path is expected that stands in the request; the span has it',
};

/** Ours that fits the expectation best: the first of the same type with no field different, else the first of that type. */
function differences(expected: Expected, ours: readonly Message[]): readonly string[] {
  const candidates = ours.filter(({ type }) => type === expected.type || expected.type === 'session');
  const lists = candidates.map(({ fields }) =>
    FIELDS.filter((name) => expected[name] !== undefined && (fields[name] !== undefined || expected.type !== 'session'))
      .filter((name) => JSON.stringify(fields[name]) !== JSON.stringify(expected[name]))
      .map((name) => `${name}: ${JSON.stringify(fields[name])} instead of ${JSON.stringify(expected[name])}`),
  );
  return lists.sort((a, b) => a.length - b.length)[0] ?? ['no such message'];
}

function isExplained(protocol: string, type: string, difference: string): boolean {
  const key =
    type === 'response' && difference.startsWith('endpoint')
      ? `${protocol} endpoint in a response`
      : `${protocol} ${difference.split(':')[0]}`;
  return DIFFERENCES[key] !== undefined;
}

describe.skipIf(missing)(`corpus in ${folder}${missing ? ' (not there: skipped)' : ''}`, () => {
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
  ])('%s: agrees on %s', (protocol, name) => {
    const ours = messagesOf(`deepflow/${name}.pcap`);
    expect(ours.every((message) => message.protocol === protocol)).toBe(true);
    const { messages } = readJson<{ messages: Expected[] }>(`deepflow/${name}.expected.json`);
    const asserted = messages.filter(({ type }) => ['request', 'response', 'session'].includes(type));
    const different = asserted.flatMap((expected) =>
      differences(expected, ours)
        .filter((difference) => !isExplained(protocol, expected.type, difference))
        .map((difference) => `${expected.type}: ${difference}`),
    );
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
  ])('%s: finds all requests and responses of %s', (protocol, name, requests) => {
    const ours = messagesOf(`extra/${name}`);
    const count = (type: string) =>
      ours.filter((message) => message.type === type && message.protocol === protocol).length;
    expect([count('request'), count('response')]).toEqual([requests, requests]);
  });

  it('sees that TLS is opaque', () => {
    const pipeline = createPipeline({});
    pipeline.push(blockFromPcap(files.readFileSync(`${folder}/extra/zeek-tls12.pcap`)));
    pipeline.end();
    expect(pipeline.coverage()).toMatchObject({ opaqueTlsSockets: 1, messages: 0 });
  });
});
