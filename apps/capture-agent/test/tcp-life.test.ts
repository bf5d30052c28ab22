import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CaptureEvent, Direction, EventKind, type SysSpan, TcpState } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { canMakeNetworks, Network } from './support/network';
import { LACKING, readCapture, recordBytes, recordEvents, scratchFolder } from './support/recorded';
import { replayed } from './support/replayed';

const STATE_NAMES = new Map<number, string>(Object.entries(TcpState).map(([name, number]) => [number, name]));
const ofKind = (events: readonly CaptureEvent[], kind: EventKind) => events.filter((event) => event.kind === kind);

/** Node, with the helpers that the scripts use. */
const program = (script: string) => [process.execPath, '-e', `const net = require('node:net');${script}`];

describe.skipIf(LACKING !== '')(`the life of TCP connections (needs ${LACKING || 'nothing more'})`, () => {
  it('is told state by state, with the thread that opened each end', async () => {
    const { events } = await recordEvents({
      command: program(`
        const server = net.createServer((far) => far.resume().on('end', () => far.end('bye')).write('accepted'));
        server.listen(0, '127.0.0.1', () => {
          const near = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
          near.once('data', () => near.end('hello')).on('close', () => server.close());
        });`),
    });
    const lives = new Map<string, string[]>();
    for (const { socket, detail, thread } of ofKind(events, EventKind.tcpState)) {
      expect(thread.comm).toBe('node');
      lives.set(socket!.id, [...(lives.get(socket!.id) ?? []), STATE_NAMES.get(detail)!]);
    }
    const opened = (kind: EventKind) => ofKind(events, kind).map(({ socket }) => lives.get(socket!.id));
    // The client closes first, so it waits for stragglers; Linux gives that to a small socket of another kind.
    expect(opened(EventKind.connect)).toEqual([['established', 'finWait1', 'finWait2', 'closed']]);
    // Accepted when it was established already.
    expect(opened(EventKind.accept)).toEqual([['closeWait', 'lastAck', 'closed']]);
    expect(ofKind(events, EventKind.reset)).toEqual([]);
  });

  it('tells of a connection that was refused', async () => {
    const { events } = await recordEvents({
      command: program(`
        const server = net.createServer().listen(0, '127.0.0.1', () => {
          const { port } = server.address();
          server.close(() => net.connect(port, '127.0.0.1').on('error', () => {}));
        });`),
    });
    const [reset, ...others] = ofKind(events, EventKind.reset);
    expect(others).toEqual([]);
    expect(reset).toMatchObject({ direction: Direction.ingress, thread: { comm: 'node' } });
    const states = ofKind(events, EventKind.tcpState);
    expect(states.map(({ detail }) => STATE_NAMES.get(detail))).toEqual(['closed']);
    const port = reset!.socket!.remote.port;
    expect(port).toBeGreaterThan(0);
    expect(states.map(({ socket }) => socket)).toEqual([reset!.socket]);
  });

  it('counts a reset on the spans of both ends', async () => {
    const bytes = await recordBytes({
      command: program(`
        const server = net.createServer((far) => far.once('data', () => far.resetAndDestroy()));
        server.listen(0, '127.0.0.1', () => {
          const near = net.connect(server.address().port, '127.0.0.1');
          near.on('error', () => server.close()).write('GET /lost HTTP/1.1\\r\\nHost: shop\\r\\n\\r\\n');
        });`),
    });
    const resets = ofKind(readCapture(bytes).events, EventKind.reset);
    expect(resets.map(({ direction }) => direction).sort()).toEqual([Direction.ingress, Direction.egress]);
    const { spans } = await replayed(bytes);
    const facts = spans.map((span) => [span.tapSide, span.resource, (span as SysSpan).tcp?.resets]);
    // At the server the span may be over before the reset leaves.
    expect(facts).toContainEqual(['c-p', '/lost', 1]);
    expect(facts.map(([side]) => side).sort()).toEqual(['c-p', 's-p']);
  });

  it('knows connections that are older than the recording', async () => {
    const script = `
      const server = net.createServer((far) => far.once('data', () => far.resetAndDestroy()));
      server.listen(0, '127.0.0.1', () => {
        const near = net.connect(server.address().port, '127.0.0.1', () => console.log('ready'));
        near.on('error', () => process.exit());
        process.stdin.once('data', () => near.write('hello'));
      });`;
    const [command = '', ...args] = program(script);
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const { events } = await recordEvents({ pids: [child.pid!] }, {}, async () => {
      const ended = once(child, 'close');
      child.stdin.write('\n');
      await ended;
    });
    expect(ofKind(events, EventKind.accept)).toEqual([]);
    expect(
      ofKind(events, EventKind.reset)
        .map(({ direction }) => direction)
        .sort(),
    ).toEqual([Direction.ingress, Direction.egress]);
    expect(ofKind(events, EventKind.reset).every(({ thread }) => thread.pid === child.pid)).toBe(true);
  });

  it('leaves out what no port of which was asked for', async () => {
    const { events } = await recordEvents({
      ports: [1],
      command: program(`
        const server = net.createServer((far) => far.end()).listen(0, '127.0.0.1', () => {
          net.connect(server.address().port, '127.0.0.1').resume().on('close', () => server.close());
        });`),
    });
    expect(ofKind(events, EventKind.tcpState)).toEqual([]);
  });
});

const lacks = LACKING || (canMakeNetworks ? '' : 'ip netns');
describe.skipIf(lacks !== '')(`what TCP sends again (needs ${lacks || 'nothing more'})`, () => {
  const HOP = join(packageRoot(), 'test', 'support', 'hop.mjs');
  const PORT = 8080;
  const folder = scratchFolder();
  let network: Network;
  beforeAll(() => {
    network = new Network();
  });
  afterAll(() => {
    network?.remove();
    folder.remove();
  });

  it('is told as it happens, with its bytes, and counted on the request that waited for it', async () => {
    const { client, router, server } = network;
    const [ready, go] = [join(folder.path, 'ready'), join(folder.path, 'go')];
    // The second request goes out once the way is cut.
    const script = `
      const http = require('node:http');
      const fs = require('node:fs');
      const agent = new http.Agent({ keepAlive: true });
      // At first the server may not listen yet.
      const ask = (path) => new Promise((done) => http.get({ host: '10.91.2.2', port: ${PORT}, path, agent },
        (answer) => answer.resume().on('end', done)).on('error', () => setTimeout(() => ask(path).then(done), 50)));
      (async () => {
        await ask('/fine');
        fs.writeFileSync(${JSON.stringify(ready)}, '');
        while (!fs.existsSync(${JSON.stringify(go)})) await new Promise((done) => setTimeout(done, 10));
        await ask('/slow');
        agent.destroy();
      })();`;
    const inside = (name: string, ...args: string[]) => ['ip', 'netns', 'exec', name, process.execPath, ...args];
    const [serve = '', ...served] = inside(server, HOP, 'serve', String(PORT), '2');
    const serving = spawn(serve, served, { stdio: ['ignore', 'pipe', 'inherit'] });
    const servingEnded = once(serving, 'close');
    let failure: unknown;
    const cutAndMend = async () => {
      await until(() => existsSync(ready));
      spawnSync('ip', ['-n', router, 'link', 'set', 'r1', 'down']);
      const before = segmentsSentAgain(client);
      writeFileSync(go, '');
      await until(() => segmentsSentAgain(client) > before);
      spawnSync('ip', ['-n', router, 'link', 'set', 'r1', 'up']);
    };
    const mending = cutAndMend().catch((error) => {
      failure = error;
    });
    const bytes = await recordBytes({ command: inside(client, '-e', script) });
    await Promise.all([mending, servingEnded]);
    expect(failure).toBeUndefined();

    const { events } = readCapture(bytes);
    const asked = events.find(({ payload }) => Buffer.from(payload).includes('GET /slow'))!;
    const again = ofKind(events, EventKind.retransmit).filter(({ tcpSeqEnter }) => tcpSeqEnter === asked.tcpSeqEnter);
    expect(again.length).toBeGreaterThan(0);
    for (const { result, socket, direction } of again) {
      expect([result, socket!.id, direction]).toEqual([asked.result, asked.socket!.id, Direction.egress]);
    }
    const { spans } = await replayed(bytes);
    const slow = spans.find(({ resource }) => resource === '/slow') as SysSpan;
    // A slow machine may send other segments again, too.
    expect(slow.tcp?.retransmits).toBeGreaterThanOrEqual(again.length);
    expect(slow.tcp?.rttUs).toBeGreaterThan(0);
  });
});

/** Looks again until it is so; the test's own limit is the end of it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

/** Of all connections in a network namespace. */
function segmentsSentAgain(namespace: string): number {
  const { stdout } = spawnSync('ip', ['netns', 'exec', namespace, 'cat', '/proc/net/snmp'], { encoding: 'utf8' });
  const [names = [], values = []] = stdout
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('RetransSegs')]);
}
