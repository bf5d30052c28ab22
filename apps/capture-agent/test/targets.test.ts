import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { EventKind } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { eventsOfBurst, LACKING, recordEvents, sent } from './support/recorded';
import { TrafficStage } from './support/traffic-stage';

const PORT = 21_310;

describe.skipIf(LACKING !== '')(`what is recorded (needs ${LACKING || 'nothing more'})`, () => {
  const stage = new TrafficStage();
  const { folder } = stage;

  /** A server that echoes one connection, and a connection to it. */
  async function echo(port: number, program = stage.traffic): Promise<{ server: ChildProcess; client: Socket }> {
    const server = stage.start(program, 'serve', String(port));
    await once(server.stdout!, 'data');
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    return { server, client };
  }
  async function say(client: Socket, text: string): Promise<void> {
    client.write(text);
    await once(client, 'data');
  }
  const runBeside = (mode: string) => expect(spawnSync(stage.traffic, [mode]).status).toBe(0);

  it('is the command and what it starts, from the first instruction to the exit status', async () => {
    const { events, result } = await recordEvents({ command: ['/bin/sh', '-c', '"$0" v4; exit 7', stage.traffic] });
    const lifecycle = events.filter(({ kind }) => [EventKind.fork, EventKind.exec, EventKind.exit].includes(kind as 5));
    expect(lifecycle.map(({ kind }) => kind)).toEqual([
      EventKind.exec,
      EventKind.fork,
      EventKind.exec,
      EventKind.exit,
      EventKind.exit,
    ]);
    const [shell, fork, child, childExit, shellExit] = lifecycle;
    expect(fork!.detail).toBe(child!.thread.pid);
    expect(child!.thread.comm).toBe('traffic');
    expect(childExit).toMatchObject({ detail: 0, thread: { pid: child!.thread.pid } });
    expect(shellExit).toMatchObject({ detail: 7, thread: { pid: shell!.thread.pid } });
    expect(events.filter(({ kind }) => kind === EventKind.data)).toHaveLength(12);
    expect(result).toMatchObject({ reason: 'command', command: { status: 7, signal: null } });
  });

  it('is not what other programs do meanwhile, nor the recorder itself', async () => {
    const { server, client } = await echo(PORT);
    const { events } = await recordEvents({ pids: [server.pid!] }, {}, async () => {
      runBeside('v4');
      await say(client, 'mine');
      runBeside('udp');
    });
    client.destroy();
    expect(new Set(events.map(({ thread }) => thread.pid))).toEqual(new Set([server.pid]));
    expect(events.map((event) => sent(event).text)).toEqual(['mine', 'mine']);
  });

  it('includes a read that was waiting and a connection that was open before', async () => {
    const { server, client } = await echo(PORT + 1);
    await say(client, 'unseen');
    const { events, snapshots } = await recordEvents({ pids: [server.pid!] }, {}, async () => {
      await say(client, 'first');
      await say(client, 'second');
    });
    client.destroy();
    expect(events.map((event) => sent(event).text)).toEqual(['first', 'first', 'second', 'second']);
    const [read] = events;
    expect((read!.tcpSeqExit! - read!.tcpSeqEnter!) >>> 0).toBe(5);
    expect(read!.socket).toMatchObject({ preexisting: true, local: { port: PORT + 1 }, role: 'server' });
    expect(snapshots[0]!.processes.map(({ pid, comm }) => ({ pid, comm }))).toEqual([
      { pid: server.pid, comm: 'traffic' },
    ]);
    // Its pipes to this test are unix sockets.
    const held = snapshots[0]!.sockets.filter(({ transport }) => transport === 'tcp');
    expect(held.map(({ id, pid }) => ({ id, pid }))).toEqual([{ id: read!.socket!.id, pid: server.pid }]);
    expect(held[0]!.remote).toEqual(read!.socket!.remote);
  });

  it('is chosen by name, running or started later', async () => {
    const named = join(folder.path, 'cw-named');
    copyFileSync(stage.traffic, named);
    const { server, client } = await echo(PORT + 2, named);
    const { events } = await recordEvents({ comms: ['cw-named'] }, {}, async () => {
      await say(client, 'running');
      expect(spawnSync(named, ['v6']).status).toBe(0);
      runBeside('v4');
    });
    client.destroy();
    expect(new Set(events.map(({ thread }) => thread.comm))).toEqual(new Set(['cw-named']));
    const pids = new Set(events.map(({ thread }) => thread.pid));
    expect(pids.has(server.pid!)).toBe(true);
    expect(pids.size).toBe(2);
  });

  it('is narrowed by port', async () => {
    const { server, client } = await echo(PORT + 3);
    const { events, snapshots } = await recordEvents({ pids: [server.pid!], ports: [PORT] }, {}, () =>
      say(client, 'other'),
    );
    const seen = await recordEvents({ pids: [server.pid!], ports: [PORT + 3] }, {}, () => say(client, 'this'));
    client.destroy();
    expect(events).toEqual([]);
    expect(snapshots[0]!.sockets).toEqual([]);
    expect(seen.events.map((event) => sent(event).text)).toEqual(['this', 'this']);
  });

  it('is counted where the ring is too small', async () => {
    const told = join(stage.folder.path, 'told');
    const command = [stage.traffic, 'burst', '4000', told];
    const { events, losses } = await recordEvents({ command }, { ringBytes: 8192 });
    const dropped = losses.flatMap(({ ringDrops }) => ringDrops).reduce((sum, count) => sum + count, 0);
    expect(dropped).toBeGreaterThan(0);
    expect(events.length + dropped).toBe(eventsOfBurst(told));
  });
});
