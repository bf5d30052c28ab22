import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CaptureEvent, Direction, EventFlag, SyscallAbi } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { LACKING, readCapture, recordBytes, scratchFolder } from './support/recorded';
import { replayed } from './support/replayed';

const PYTHON = '/usr/bin/python3';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const lacks = [...(LACKING === '' ? [] : [LACKING]), ...(hasOpenssl ? [] : ['the openssl command'])].join(', ');
const support = (name: string) => join(packageRoot(), 'test', 'support', name);

const isPlaintext = ({ flags }: CaptureEvent) => (flags & EventFlag.tls) !== 0;
const text = (events: readonly CaptureEvent[], abi: number) =>
  events.filter((event) => event.abi === abi).map(({ payload }) => Buffer.from(payload).toString());

describe.skipIf(lacks !== '')(`TLS plaintext${lacks && ` (needs ${lacks})`}`, () => {
  const folder = scratchFolder();
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const output = join(folder.path, 'said.json');
  const peers = (name: string) => {
    const command = [process.execPath, support('tls-peers.mjs'), key, cert, name];
    return ['/bin/sh', '-c', `exec "$@" > ${output}`, 'sh', ...command];
  };
  afterAll(() => folder.remove());
  beforeAll(() => {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      ...curve,
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      '/CN=localhost',
    ]);
    expect(made.status).toBe(0);
  });

  /** What was said over TLS; the handshakes, which are seen as well, left out. */
  async function readOver(bytes: Uint8Array) {
    const { spans, traces, coverage } = await replayed(bytes);
    const said = spans.filter(({ protocol }) => protocol !== 'tls');
    const ids = new Set(said.map(({ id }) => id));
    const links = traces.flatMap((trace) => [...trace.links.values()]).filter(({ child }) => ids.has(child));
    return { spans: said, links, coverage };
  }

  /** Each direction of each connection is one run of bytes, numbered alike at both ends. */
  function expectBothEndsAgree(plaintext: readonly CaptureEvent[]): void {
    const runs = new Map<string, { sent: string; received: string; next: number | undefined }>();
    for (const event of plaintext) {
      const { local, remote } = event.socket!;
      const egress = event.direction === Direction.egress;
      const [from, to] = egress ? [local, remote] : [remote, local];
      const run = runs.get(`${from.port} ${to.port}`) ?? { sent: '', received: '', next: undefined };
      runs.set(`${from.port} ${to.port}`, run);
      const place = `${event.tcpSeqEnter}:${event.tcpSeqExit! - event.tcpSeqEnter! === event.result} `;
      const bytes = Buffer.from(event.payload).toString('latin1');
      expect(bytes).toHaveLength(event.result);
      if (egress) run.sent += place + bytes;
      else run.received += place + bytes;
    }
    expect(runs.size).toBeGreaterThan(0);
    for (const { sent, received } of runs.values()) {
      expect(sent).not.toBe('');
      expect(received).toBe(sent);
    }
  }

  it('of Node.js: what the programs said, on the right one of two connections, as linked spans', async () => {
    const bytes = await recordBytes({ command: peers('seen') }, { tls: true, payloadLimit: 8192 });
    const { events } = readCapture(bytes);
    const plaintext = events.filter(isPlaintext);
    expect(plaintext.every(({ socket }) => socket?.transport === 'tcp')).toBe(true);
    expectBothEndsAgree(plaintext);
    const requests = text(plaintext, SyscallAbi.tlsRead).filter((each) => each.startsWith('GET'));
    const { said, bodies } = JSON.parse(readFileSync(output, 'utf8')) as { said: string[]; bodies: string[] };
    expect(requests.map((each) => each.split(' HTTP')[0]).sort()).toEqual([...said].sort());
    const answers = text(plaintext, SyscallAbi.tlsRead).filter((each) => each.startsWith('HTTP'));
    expect(answers.map((each) => each.split('\r\n\r\n')[1]).sort()).toEqual([...bodies].sort());

    const { spans, links, coverage } = await readOver(bytes);
    const seen = spans.map((span) => [span.protocol, span.type === 'sys' && span.tls, span.resource, span.tapSide]);
    expect(seen).toEqual(
      expect.arrayContaining(
        ['/seen/00', '/seen/01', '/seen/10', '/seen/11'].flatMap((path) => [
          ['http', true, path, 'c-p'],
          ['http', true, path, 's-p'],
        ]),
      ),
    );
    expect(spans).toHaveLength(8);
    expect(links.map(({ rule }) => rule)).toEqual(['R11', 'R11', 'R11', 'R11']);
    expect(coverage.opaqueTlsSockets).toBe(0);
  });

  it('of running processes that are chosen, and of no other', async () => {
    const start = async (name: string) => {
      const child = spawn(process.execPath, [support('tls-peers.mjs'), key, cert, name, 'wait'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      return child;
    };
    const [chosen, other] = await Promise.all([start('chosen'), start('other')]);
    const bytes = await recordBytes({ pids: [chosen.pid!] }, { tls: true }, async () => {
      const ended = [chosen, other].map((child) => once(child, 'close'));
      for (const child of [chosen, other]) child.stdin.end('go\n');
      await Promise.all(ended);
    });
    const { events } = readCapture(bytes);
    expect(new Set(events.map(({ thread }) => thread.pid))).toEqual(new Set([chosen.pid]));
    expect(events.filter(isPlaintext).length).toBeGreaterThanOrEqual(16);
    expect(Buffer.from(bytes).includes('/other/')).toBe(false);
  });

  it.skipIf(!existsSync(PYTHON)).each(['sockets', 'memory'])(`of libssl, through %s (needs ${PYTHON})`, async (how) => {
    const bytes = await recordBytes({ command: [PYTHON, support('tls-peers.py'), key, cert, how] }, { tls: true });
    const plaintext = readCapture(bytes).events.filter(isPlaintext);
    expectBothEndsAgree(plaintext);
    expect(text(plaintext, SyscallAbi.tlsWrite).filter((each) => each.startsWith('GET'))).toEqual(
      [0, 1, 2].map((number) => `GET /${number} HTTP/1.1\r\nHost: a\r\n\r\n`),
    );
    const { spans, links } = await readOver(bytes);
    expect(spans).toHaveLength(6);
    expect(links.map(({ rule }) => rule)).toEqual(['R11', 'R11', 'R11']);
  });

  it('is not recorded unless asked for', async () => {
    const { events } = readCapture(await recordBytes({ command: peers('quiet') }));
    expect(events.filter(isPlaintext)).toEqual([]);
    expect(events.length).toBeGreaterThan(10);
  });

  it('has its secrets masked like any other payload', async () => {
    const script = join(folder.path, 'login.py');
    const changed = `exec(open(${JSON.stringify(support('tls-peers.py'))}).read().replace("Host: a", "Authorization: Bearer abcdef"))`;
    writeFileSync(script, changed);
    const { Redactor } = await import('../src/redact/redactor');
    const { PayloadPolicy } = await import('../src/record/payload-policy');
    const payloadPolicy = new PayloadPolicy({}, new Redactor({ names: ['authorization'], literals: false }));
    const { events } = readCapture(
      await recordBytes({ command: [PYTHON, script, key, cert, 'sockets'] }, { tls: true, payloadPolicy }),
    );
    const written = text(events.filter(isPlaintext), SyscallAbi.tlsWrite);
    expect(written.find((each) => each.startsWith('GET /0'))).toBe(
      'GET /0 HTTP/1.1\r\nAuthorization: *************\r\n\r\n',
    );
  });
});
