import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Direction, EventKind } from '@causeway/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { compile, eventsOfBurst, LACKING, readCapture, scratchFolder } from './support/recorded';

const ARGUMENTS = ['--import', 'tsx', join(packageRoot(), 'src', 'main.ts')];

describe.skipIf(LACKING !== '')(`files of a long recording (needs ${LACKING || 'nothing more'})`, () => {
  const scratch = scratchFolder();
  const children: ChildProcess[] = [];
  let folder = '';
  let traffic = '';
  let count = 0;
  beforeAll(() => {
    traffic = compile('traffic', scratch.path);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => scratch.remove());

  /** A recorder in a folder of its own, with what it says. */
  function recorder(args: string[], command: string[]) {
    count += 1;
    folder = join(scratch.path, String(count));
    mkdirSync(folder);
    const child = spawn(process.execPath, [...ARGUMENTS, 'record', ...args, '--', ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: packageRoot(),
    });
    children.push(child);
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    return { child, ended: once(child, 'exit'), said: () => said };
  }
  const files = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.causeway.msgpack'))
      .sort();
  const read = (name: string) => readCapture(readFileSync(join(folder, name)));
  const sentIn = (name: string) =>
    read(name).events.filter(({ kind, direction }) => kind === EventKind.data && direction === Direction.egress);
  const until = async (met: () => boolean) => {
    while (!met()) await sleep(20);
  };
  const path = (name: string) => join(scratch.path, String(count + 1), name);
  const dump = (...args: string[]) =>
    spawnSync(process.execPath, [...ARGUMENTS, 'dump', '--ring-folder', join(folder, 'ring'), ...args], {
      encoding: 'utf8',
      cwd: packageRoot(),
    });

  it('rotation loses nothing between two files, and each can be read by itself', async () => {
    const output = path('part.causeway.msgpack');
    const told = path('told');
    const run = recorder(['-o', output, '--rotate-size', '30kB'], [traffic, 'burst', '60000', told]);
    expect(await run.ended).toEqual([0, null]);
    const names = files();
    expect(names.length).toBeGreaterThan(2);
    expect(names[0]).toBe('part.0001.causeway.msgpack');
    const parts = names.map(read);
    for (const { items } of parts) {
      expect(items[0]).toBe('header');
      expect(items).toContain('snapshot');
      expect(items.at(-1)).toBe('index');
      expect(items).not.toContain('damage');
    }
    const whole = readCapture(Buffer.concat(names.map((name) => readFileSync(join(folder, name)))));
    const drops = whole.losses.reduce((sum, { ringDrops }) => sum + ringDrops.reduce((a, b) => a + b, 0), 0);
    expect(whole.events.length + drops).toBe(eventsOfBurst(told));
  });

  it('rotation keeps the newest files', async () => {
    const output = path('part.causeway.msgpack');
    const run = recorder(['-o', output, '--rotate-size', '20kB', '--keep', '2'], [traffic, 'burst', '60000']);
    expect(await run.ended).toEqual([0, null]);
    expect(files()).toHaveLength(2);
    expect(files()[0]).not.toBe('part.0001.causeway.msgpack');
    expect(run.said()).toContain(join(folder, files()[1]!));
  });

  it('a flight recorder keeps the end, and writes it when it is asked', async () => {
    const output = path('incident.causeway.msgpack');
    const ring = path('ring');
    const run = recorder(
      ['-o', output, '--ring', '2s', '--ring-folder', ring],
      ['/bin/sh', '-c', 'while :; do "$0" v4; sleep 0.1; done', traffic],
    );
    await until(() => run.said().includes('Recording to a ring'));
    // The first event of all is that the shell begins: once it is too old, a dump has it no more.
    const begins = () => {
      const { status, stderr } = dump('-o', join(folder, 'mine.causeway.msgpack'));
      expect(stderr).toMatch(/Wrote the last \d+ s, .*mine\.causeway\.msgpack/);
      expect(status).toBe(0);
      const { events, items } = read('mine.causeway.msgpack');
      expect(items).not.toContain('damage');
      expect(events.some(({ kind }) => kind === EventKind.data)).toBe(true);
      return events.some(({ kind, thread }) => kind === EventKind.exec && thread.comm === 'sh');
    };
    await until(() => !begins());
    run.child.kill('SIGUSR1');
    await until(() => files().length === 2);
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual([0, null]);
    expect(readdirSync(ring)).toEqual([]);
  });

  it('a flight recorder writes when a request fails, what came before it included', async () => {
    const output = path('incident.causeway.msgpack');
    const script = `
      const server = require('node:http').createServer((request, response) => {
        response.statusCode = request.url === '/broken' ? 503 : 200;
        response.end('done');
      }).listen(0, '127.0.0.1', async () => {
        const ask = (path) => fetch('http://127.0.0.1:' + server.address().port + path).then((answer) => answer.text());
        await ask('/before');
        await ask('/broken');
        setTimeout(() => process.exit(), 60_000);
      });`;
    const run = recorder(
      [
        '-o',
        output,
        '--ring',
        '1m',
        '--ring-folder',
        path('ring'),
        '--dump-on',
        'status>=500',
        '--dump-after',
        '200ms',
      ],
      [process.execPath, '-e', script],
    );
    await until(() => files().length === 1 && run.said().includes('were written to'));
    expect(run.said()).toContain('GET /broken was answered with status 503');
    const text = sentIn(files()[0]!).map(({ payload }) => Buffer.from(payload).toString());
    expect(text.some((each) => each.startsWith('GET /before'))).toBe(true);
    expect(text.some((each) => each.startsWith('HTTP/1.1 503'))).toBe(true);
    run.child.kill('SIGTERM');
    await run.ended;
  });

  it('what a killed flight recorder held is saved by the next dump', async () => {
    const output = path('incident.causeway.msgpack');
    const run = recorder(
      ['-o', output, '--ring', '1m', '--ring-folder', path('ring')],
      ['/bin/sh', '-c', '"$0" v4; sleep 5', traffic],
    );
    await until(() => run.said().includes('Recording to a ring'));
    const held = () => {
      const { stderr } = dump('-o', join(folder, 'probe.causeway.msgpack'));
      return (
        stderr.includes('Wrote') && read('probe.causeway.msgpack').events.some(({ kind }) => kind === EventKind.data)
      );
    };
    await until(held);
    run.child.kill('SIGKILL');
    await run.ended;
    const { status, stderr } = dump();
    expect(stderr).toContain('has ended without a word');
    expect(status).toBe(0);
    expect(existsSync(output)).toBe(true);
    expect(read('incident.causeway.msgpack').events.some(({ kind }) => kind === EventKind.data)).toBe(true);
    expect(dump()).toMatchObject({ status: 1, stderr: expect.stringContaining('No flight recorder runs here') });
  });
});
