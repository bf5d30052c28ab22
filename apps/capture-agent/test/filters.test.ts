import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { EventKind } from '@causeway/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findControlGroup } from '../src/host/control-groups';
import { parseNetwork } from '../src/record/network';
import { compile, LACKING, type Recorded, recordEvents, scratchFolder, sent } from './support/recorded';

const ROOT = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .find(([, , type]) => type === 'cgroup2')?.[1];

describe.skipIf(LACKING !== '')(`filters in the kernel (needs ${LACKING || 'nothing more'})`, () => {
  const folder = scratchFolder();
  const children: ChildProcess[] = [];
  const groups: string[] = [];
  let traffic = '';
  beforeAll(() => {
    traffic = compile('traffic', folder.path);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    for (const group of groups.splice(0).reverse()) rmdirSync(group);
  });
  afterAll(() => folder.remove());

  const dataOf = ({ events }: Recorded) => events.filter(({ kind }) => kind === EventKind.data);
  const families = (recorded: Recorded) => new Set(dataOf(recorded).map(({ socket }) => socket!.local.address));
  const networks = (...texts: string[]) => texts.map((text) => parseNetwork(text)!);

  it.each([
    { cidr: ['127.0.0.0/8'], seen: ['127.0.0.1'] },
    { cidr: ['[::1]/128'], seen: ['::1'] },
    { cidr: ['10.0.0.0/8', '::1'], seen: ['::1'] },
    { cidr: ['0.0.0.0/0', '[::]/0'], seen: ['127.0.0.1', '::1'] },
    { cidr: ['127.0.0.2/32', '::/128'], seen: [] },
    { cidr: Array.from({ length: 16 }, (_, i) => (i === 15 ? '127.0.0.1' : `10.0.0.${i}`)), seen: ['127.0.0.1'] },
  ])('--cidr $cidr lets $seen by', async ({ cidr, seen }) => {
    const script = '"$0" v4 && "$0" v6 && "$0" pair';
    const recorded = await recordEvents({ command: ['/bin/sh', '-c', script, traffic], networks: networks(...cidr) });
    expect(recorded.result.command).toEqual({ status: 0, signal: null });
    expect(families(recorded)).toEqual(new Set(seen));
    expect(recorded.header.filters.networks).toEqual(cidr);
  });

  it('--exclude-port leaves out the sockets with that port, the ones held at the start included', async () => {
    const servers = [createServer((socket) => socket.pipe(socket)), createServer((socket) => socket.pipe(socket))];
    const ports: number[] = [];
    for (const server of servers) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      ports.push((server.address() as { port: number }).port);
    }
    const script = `const sockets = process.argv.slice(1).map((port) => require('node:net').connect(port, '127.0.0.1'));
      process.stdin.on('data', (text) => sockets.forEach((socket) => socket.write(text)));
      let answers = 0;
      for (const socket of sockets) socket.on('data', () => ++answers === 2 && console.log('answered'));
      setTimeout(() => console.log('ready'), 0);`;
    const client = spawn(process.execPath, ['-e', script, ...ports.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(client);
    await once(client.stdout!, 'data');
    const recorded = await recordEvents({ pids: [client.pid!], excludedPorts: [ports[1]!] }, {}, async () => {
      client.stdin!.write('to both');
      await once(client.stdout!, 'data');
    });
    for (const server of servers) server.close();
    const remote = (entry: { readonly remote: { readonly port: number } }) => entry.remote.port;
    const tcp = dataOf(recorded).filter(({ socket }) => socket!.transport === 'tcp');
    expect(new Set(tcp.map(({ socket }) => remote(socket!)))).toEqual(new Set([ports[0]]));
    const held = recorded.snapshots[0]!.sockets.filter(({ transport }) => transport === 'tcp');
    expect(held.map(remote)).toEqual([ports[0]]);
    // It narrows no unix socket: the script's pipes are some.
    expect(dataOf(recorded).some(({ socket }) => socket!.transport === 'unix')).toBe(true);
  });

  describe.skipIf(ROOT === undefined)('--cgroup (needs cgroup2)', () => {
    const id = randomBytes(32).toString('hex');

    function makeGroup(...names: string[]): string {
      const path = join(ROOT!, ...names);
      mkdirSync(path);
      groups.push(path);
      return path;
    }
    /** As a container's runtime does it: enters the group, then becomes the program. */
    const inside = (group: string, ...command: string[]) =>
      spawn('/bin/sh', ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group, ...command], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    async function serveInside(group: string): Promise<{ readonly server: ChildProcess; readonly client: Socket }> {
      const free = createServer().listen(0, '127.0.0.1');
      await once(free, 'listening');
      const { port } = free.address() as { port: number };
      free.close();
      const server = inside(group, traffic, 'serve', String(port));
      children.push(server);
      await once(server.stdout!, 'data');
      const client = connect(port, '127.0.0.1');
      await once(client, 'connect');
      return { server, client };
    }

    it('records what runs in a container, in groups below it, and what enters it later, and nothing else', async () => {
      const container = makeGroup(`docker-${id}.scope`);
      const below = makeGroup(`docker-${id}.scope`, 'below');
      const beside = makeGroup(`docker-beside-${id.slice(0, 8)}`);
      const { server, client } = await serveInside(below);
      const target = findControlGroup(id.slice(0, 12));
      expect(target).toMatchObject({ path: `/docker-${id}.scope`, level: 1 });
      const started: number[] = [];
      const recorded = await recordEvents({ cgroups: [target] }, {}, async () => {
        client.write('running');
        await once(client, 'data');
        for (const group of [container, below, beside]) {
          const child = inside(group, traffic, 'v4');
          const [status] = await once(child, 'exit');
          expect(status).toBe(0);
          started.push(child.pid!);
        }
        expect(spawnSync(traffic, ['v4']).status).toBe(0);
      });
      client.destroy();
      expect(new Set(dataOf(recorded).map(({ thread }) => thread.pid))).toEqual(
        new Set([server.pid!, started[0], started[1]]),
      );
      expect(
        dataOf(recorded)
          .filter(({ thread }) => thread.pid === server.pid)
          .map((event) => sent(event).text),
      ).toEqual(['running', 'running']);
      expect(recorded.header.filters.cgroups).toEqual([`/docker-${id}.scope`]);
    });

    it('says when there is no such group', () => {
      expect(() => findControlGroup('/no/such.slice')).toThrow(/There is no control group \/no\/such\.slice in /);
      expect(() => findControlGroup('/../../etc')).toThrow(/There is no control group/);
      expect(() => findControlGroup(id.slice(0, 12))).toThrow(/There is no control group of a container/);
      makeGroup(`one-${id}`);
      makeGroup(`two-${id}`);
      expect(() => findControlGroup(id)).toThrow(/names 2 containers/);
    });
  });
});
