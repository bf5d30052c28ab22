import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventKind } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { OWN_HELPERS } from '../src/host/own-helpers';
import { listProcesses, withDescendants } from '../src/host/processes';
import { packageRoot } from '../src/native/package-root';
import { LACKING, readCapture, recordEvents, sent } from './support/recorded';
import { TrafficStage } from './support/traffic-stage';

const LAST_PID = '/proc/sys/kernel/ns_last_pid';
const BPFTOOL = spawnSync('bpftool', ['version']).status === 0;
const OPEN_FILES = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);

describe.skipIf(LACKING !== '')(`safety (needs ${LACKING || 'nothing more'})`, { timeout: 120_000 }, () => {
  const stage = new TrafficStage();
  const { folder } = stage;
  const start = (command: string, ...args: string[]) => stage.start(command, ...args);

  it('1,000 threads at once: each event belongs to its thread', async () => {
    const { events, losses } = await recordEvents({ command: [stage.traffic, 'threads', '1000'] });
    const data = events.filter(({ kind }) => kind === EventKind.data);
    expect(losses.flatMap(({ ringDrops }) => ringDrops).every((count) => count === 0)).toBe(true);
    const textsByThread = new Map<number, string[]>();
    for (const event of data) {
      const { tid } = event.thread;
      textsByThread.set(tid, [...(textsByThread.get(tid) ?? []), sent(event).text]);
    }
    expect(textsByThread.size).toBe(1000);
    const texts = [...textsByThread.values()].sort(([a], [b]) => Number(a) - Number(b));
    expect(texts).toEqual(Array.from({ length: 1000 }, (_, i) => [`${i}`, `${i}`]));
  });

  it.skipIf(OPEN_FILES < 10_100)('10,000 sockets: all are known from the start (needs 10,100 open files)', async () => {
    const child = start(
      '/bin/sh',
      '-c',
      `ulimit -n ${Math.min(OPEN_FILES, 20_000)}; exec "$0" sockets 10000`,
      stage.traffic,
    );
    await once(child.stdout!, 'data');
    const { events, snapshots } = await recordEvents({ pids: [child.pid!] }, {}, async () => {
      child.stdin!.write('go\n');
      await once(child.stdout!, 'data');
    });
    const held = snapshots[0]!.sockets.filter(({ transport }) => transport === 'tcp');
    expect(new Set(held.map(({ id }) => id)).size).toBe(10_000);
    const data = events.filter(({ kind, socket }) => kind === EventKind.data && socket!.transport === 'tcp');
    expect(data).toHaveLength(10_000);
    const known = new Set(held.map(({ id }) => id));
    expect(data.every(({ socket }) => socket!.preexisting && known.has(socket!.id))).toBe(true);
  });

  it('a target that becomes another program goes on being recorded, on the same sockets', async () => {
    const { events } = await recordEvents({ command: [stage.traffic, 'exec'] });
    const story = events.flatMap((event) => {
      if (event.kind === EventKind.exec) return ['exec'];
      return event.kind === EventKind.data ? [sent(event).text] : [];
    });
    expect(story).toEqual(['exec', 'before', 'exec', 'after', 'beforeafter']);
    const writes = events.filter((event) => ['before', 'after'].includes(sent(event).text));
    expect(new Set(writes.map(({ socket }) => socket!.id)).size).toBe(1);
    expect(writes[1]!.tcpSeqEnter! - writes[0]!.tcpSeqEnter!).toBe('before'.length);
  });

  it.skipIf(!existsSync(LAST_PID))('another process under the id of a target that ended is not recorded', async () => {
    const target = start('sleep', '60');
    const reused = target.pid!;
    const { events } = await recordEvents({ pids: [reused] }, {}, async () => {
      target.kill('SIGKILL');
      await once(target, 'exit');
      for (let tries = 0, pid = 0; pid !== reused; tries++) {
        expect(tries).toBeLessThan(2000);
        writeFileSync(LAST_PID, String(reused - 1));
        const child = start(stage.traffic, 'v4');
        const [status] = await once(child, 'exit');
        expect(status).toBe(0);
        pid = child.pid!;
      }
    });
    expect(events.map(({ kind, thread }) => ({ kind, pid: thread.pid }))).toEqual([
      { kind: EventKind.exit, pid: reused },
    ]);
  });

  it('its own helpers are not recorded, though their parent or their port is a target', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const script = `process.stdin.once('data', () => require('node:net').connect(${port}, '127.0.0.1', function () {
      this.write('hello');
      this.once('data', () => { console.log('said'); });
    }));
    console.log('ready');`;
    const [helper, other] = [start(process.execPath, '-e', script), start(process.execPath, '-e', script)];
    await Promise.all([once(helper.stdout!, 'data'), once(other.stdout!, 'data')]);
    OWN_HELPERS.add(helper.pid!);
    const talk = async () => {
      for (const child of [helper, other]) {
        child.stdin!.write('go');
        await once(child.stdout!, 'data');
      }
    };
    const { events } = await recordEvents({ ports: [port] }, {}, talk);
    server.close();
    OWN_HELPERS.delete(helper.pid!);
    const pids = new Set(events.map(({ thread }) => thread.pid));
    expect(pids).toEqual(new Set([other.pid]));
  });

  describe('of the command', () => {
    const main = [process.execPath, '--import', 'tsx', join(packageRoot(), 'src', 'main.ts')];
    const saysBegin = async (child: ChildProcess) => {
      let said = '';
      child.stderr!.on('data', (text) => {
        said += text;
      });
      while (!/^Recording to/m.test(said)) {
        expect(child.exitCode, said).toBe(null);
        await sleep(20);
      }
    };

    it('a flight recorder below its own target leaves out itself and its watcher', async () => {
      const output = join(folder.path, 'own.causeway.msgpack');
      const ring = ['--ring', '1m', '--ring-folder', join(folder.path, 'ring'), '--dump-on', 'error', 'exit'];
      const script = `"$@" record -o '${output}' --pid $$ ${ring.join(' ')} & read -r _; "$0" v4; echo done; wait`;
      const shell = start('/bin/sh', '-c', script, stage.traffic, ...main);
      await saysBegin(shell);
      const agent = listProcesses().filter(({ parentPid }) => parentPid === shell.pid);
      expect(agent).toHaveLength(1);
      const ours = withDescendants([agent[0]!.pid], listProcesses());
      // The agent, and its watcher.
      expect(ours.size).toBeGreaterThan(1);
      shell.stdin!.write('go\n');
      await once(shell.stdout!, 'data');
      process.kill(agent[0]!.pid, 'SIGINT');
      await once(shell, 'close');
      const [dump] = readdirSync(folder.path).filter((name) => /^own\..+\.causeway\.msgpack$/.test(name));
      const { events } = readCapture(readFileSync(join(folder.path, dump!)));
      expect(events.filter(({ thread }) => ours.has(thread.pid))).toEqual([]);
      // The shell's own input and output are unix sockets.
      expect(events.filter(({ socket, kind }) => kind === EventKind.data && socket?.transport === 'tcp')).toHaveLength(
        12,
      );
    });

    it.skipIf(!BPFTOOL)('kill -9 leaves no program in the kernel (needs bpftool)', async () => {
      const target = start('sleep', '60');
      const agent = start(main[0]!, ...main.slice(1), 'record', '-o', '/dev/null', '--pid', String(target.pid));
      await saysBegin(agent);
      const ids = (kind: string) =>
        readdirSync(`/proc/${agent.pid}/fdinfo`).flatMap((fd) => {
          const text = readFileSync(`/proc/${agent.pid}/fdinfo/${fd}`, 'utf8');
          return new RegExp(`^${kind}_id:\\s*(\\d+)$`, 'm').exec(text)?.[1] ?? [];
        });
      const held = ['prog', 'link', 'map'].flatMap((kind) => ids(kind).map((id) => [kind, 'show', 'id', id] as const));
      expect(new Set(held.map(([kind]) => kind))).toEqual(new Set(['prog', 'link', 'map']));
      const alive = () => held.filter((args) => spawnSync('bpftool', args).status === 0);
      expect(alive()).toHaveLength(held.length);
      agent.kill('SIGKILL');
      await once(agent, 'exit');
      // The kernel lets go of them a little later.
      while (alive().length > 0) await sleep(50);
    });
  });
});
