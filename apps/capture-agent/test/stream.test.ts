import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventKind } from '@causeway/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { FileServer } from './support/file-server';
import { compile, LACKING, readCapture, scratchFolder } from './support/recorded';

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
    const { ended, said } = stream(server.port, 'spool', '--', traffic, 'burst', '60000');
    while (server.size < 200_000) await sleep(10);
    await server.stop();
    await sleep(300);
    await server.start();
    expect(await ended).toEqual([0, null]);
    expect(said()).toMatch(/All of it has arrived\./);
    const { events, losses, items } = readCapture(readFileSync(file('received')));
    const lost = losses.flatMap(({ ringDrops }) => ringDrops).reduce((sum, count) => sum + count, 0);
    expect(events.length + lost).toBe(4 + 2 * 60_000);
    expect(items.at(-1)).toBe('index');
    expect(items).not.toContain('damage');
    expect(server.hellos.length).toBeGreaterThan(1);
    expect(readdirSync(file('spool'))).toEqual([]);
  });

  it('is sent by the next run when the agent was killed', async () => {
    server = new FileServer(file('first'));
    await server.start();
    const { port } = server;
    await server.stop();
    const killed = stream(port, 'left', '--', traffic, 'burst', '20000');
    while (!existsSync(file('left')) || spoolBytes(file('left')) < 100_000) await sleep(20);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await server.start();
    // Both captures arrive here, one after the other: the reader takes them as two sections.
    const next = stream(port, 'left', '--duration', '30', '--', traffic, 'v4');
    while (server.size < 100_000) await sleep(20);
    const { events } = readCapture(readFileSync(file('first')));
    expect(events.filter(({ kind }) => kind === EventKind.data).length).toBeGreaterThan(100);
    next.child.kill('SIGKILL');
    await next.ended;
  });

  it('says what to do when the server refuses', async () => {
    server = new FileServer(file('refused'), 'This capture was deleted: begin a new one.');
    await server.start();
    const { ended, said } = stream(server.port, 'no', '--duration', '20', '--', 'sleep', '20');
    expect(await ended).toEqual([1, null]);
    expect(said()).toMatch(/This capture was deleted: begin a new one\./);
  });

  function spoolBytes(root: string): number {
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.part'))
      .reduce((sum, name) => sum + readFileSync(join(root, name)).length, 0);
  }
});
