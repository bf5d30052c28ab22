import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventKind } from '@causeway/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { FileServer } from './support/file-server';
import { compile, eventsOfBurst, LACKING, readCapture, scratchFolder } from './support/recorded';

describe.skipIf(LACKING !== '')(`causeway stream (needs ${LACKING || 'nothing more'})`, () => {
  const folder = scratchFolder();
  const file = (name: string) => join(folder.path, name);
  let server: FileServer | undefined;
  let traffic = '';
  beforeAll(() => {
    traffic = compile('traffic', folder.path);
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  afterAll(() => folder.remove());

  function stream(port: number, spool: string, ...args: string[]) {
    const command = ['--import', 'tsx', join(packageRoot(), 'src', 'main.ts'), 'stream'];
    const child = spawn(
      process.execPath,
      [...command, '--to', `http://127.0.0.1:${port}`, '--spool', file(spool), ...args],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    return { child, ended: once(child, 'close'), said: () => said };
  }

  it('loses and doubles nothing when the server goes away and comes back', async () => {
    server = new FileServer(file('received'));
    await server.start();
    const { ended, said } = stream(server.port, 'spool', '--', traffic, 'burst', '60000', file('told'));
    while (server.size < 200_000) await sleep(10);
    await server.stop();
    await sleep(300);
    await server.start();
    expect(await ended).toEqual([0, null]);
    expect(said()).toMatch(/All of it has arrived\./);
    const { events, losses, items } = readCapture(readFileSync(server.pathOf(server.hellos[0]!.captureId)));
    const lost = losses.flatMap(({ ringDrops }) => ringDrops).reduce((sum, count) => sum + count, 0);
    expect(events.length + lost).toBe(eventsOfBurst(file('told')));
    expect(items.at(-1)).toBe('index');
    expect(items).not.toContain('damage');
    expect(server.hellos.length).toBeGreaterThan(1);
    expect(readdirSync(file('spool'))).toEqual([]);
  }, 120_000);

  it('sheds payload first, then events, when the server hangs, and counts both to the last', async () => {
    const hung = createServer().listen(0, '127.0.0.1');
    await once(hung, 'listening');
    const { port } = hung.address() as AddressInfo;
    // However fast the machine is, the traffic goes on until both have been shed.
    // Its standard output is a unix socket: what it says there is no part of the traffic.
    const run = stream(port, 'hung', '--spool-limit', '1', '--no-unix', '--', traffic, 'noise', file('enough'));
    while (!/events are left out from now on/.test(run.said())) await sleep(20);
    expect(run.said()).toMatch(/payload is left out from now on/);
    writeFileSync(file('enough'), '');
    expect(await run.ended).toEqual([1, null]);
    hung.close();
    const kept = spoolBytes('hung');
    // Frames that tell of the loss are small, but not refused.
    expect(kept.length).toBeLessThan(1_100_000);
    const { events, losses, items } = readCapture(kept);
    const total = (of: (loss: (typeof losses)[number]) => number | undefined) =>
      losses.reduce((sum, loss) => sum + (of(loss) ?? 0), 0);
    const spoolDrops = total((loss) => loss.spoolDrops);
    const shedPayloadBytes = total((loss) => loss.shedPayloadBytes);
    const ringDrops = total((loss) => loss.ringDrops.reduce((sum, count) => sum + count, 0));
    expect(spoolDrops).toBeGreaterThan(0);
    expect(shedPayloadBytes).toBeGreaterThan(0);
    expect(events.length + ringDrops + spoolDrops).toBe(eventsOfBurst(file('enough')));
    const data = events.filter(({ kind }) => kind === EventKind.data);
    const keptPayload = data.reduce((sum, { payload }) => sum + payload.length, 0);
    expect(keptPayload + shedPayloadBytes).toBe(data.reduce((sum, { result }) => sum + result, 0));
    expect(items).not.toContain('damage');
    expect(run.said()).toMatch(/There was no room for .* of payload; the capture says so\./);
    expect(run.said()).toMatch(/could not be kept and are missing; the capture says so\./);
  }, 120_000);

  it('is sent by the next run when the agent was killed', async () => {
    server = new FileServer(file('late'));
    await server.start();
    await server.stop();
    const killed = stream(server.port, 'left', '--', traffic, 'burst', '20000');
    while (spoolBytes('left').length < 100_000) await sleep(20);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const [captureId] = readdirSync(file('left'));
    const left = spoolBytes('left');
    await server.start();
    expect(await stream(server.port, 'left', '--', traffic, 'v4').ended).toEqual([0, null]);
    expect(readFileSync(server.pathOf(captureId!)).equals(left)).toBe(true);
    expect(new Set(server.hellos.map((hello) => hello.captureId)).size).toBe(2);
    expect(readdirSync(file('left'))).toEqual([]);
  }, 120_000);

  it('says what to do when the server refuses', async () => {
    server = new FileServer(file('refused'), 'This capture was deleted: begin a new one.');
    await server.start();
    const { ended, said } = stream(server.port, 'no', '--duration', '20', '--', 'sleep', '20');
    expect(await ended).toEqual([1, null]);
    expect(said()).toMatch(/This capture was deleted: begin a new one\./);
  });

  /** All that waits there, in order. */
  function spoolBytes(spool: string): Buffer {
    if (!existsSync(file(spool))) return Buffer.alloc(0);
    const parts = readdirSync(file(spool), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.part'),
    );
    return Buffer.concat(parts.sort().map((name) => readFileSync(join(file(spool), name))));
  }
});
