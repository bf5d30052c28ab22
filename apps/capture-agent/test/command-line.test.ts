import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '../src/command-line';
import { packageRoot } from '../src/native/package-root';
import { compile, LACKING, readCapture, scratchFolder } from './support/recorded';

const ARGUMENTS = ['--import', 'tsx', join(packageRoot(), 'src', 'main.ts')];
const causeway = (...args: string[]) =>
  spawnSync(process.execPath, [...ARGUMENTS, ...args], { encoding: 'utf8', cwd: packageRoot() });
/** Without the half second that it takes to start. */
async function inProcess(...args: string[]) {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
  return { status: await runCommandLine(args), ...written };
}
const folder = scratchFolder();
const file = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

describe('wrong usage ends with status 2 and one sentence', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['no target', ['record', '-o', 'x'], /Say what to record: --pid/],
    ['no output file', ['record', '--all'], /required option '-o, --output <file>'/],
    ['a pid that is no number', ['record', '-o', 'x', '--pid', 'abc'], /whole number from 1/],
    ['a pid that is not there', ['record', '-o', 'x', '--pid', '4194303'], /There is no process 4194303\./],
    ['a port out of range', ['record', '-o', 'x', '--port', '70000'], /whole number from 1 to 65535/],
    ['a payload too large', ['record', '-o', 'x', '--all', '--payload', '9000'], /whole number from 0 to 8192/],
    [
      'requests that are not told apart',
      ['record', '-o', 'x', '--all', '--only-endpoint', 'dns:A*'],
      /in order: http, /,
    ],
    ['a user that is not there', ['record', '-o', 'x', '--user', 'no-such-user', '--', 'true'], /no user no-such-user/],
    ['an address that is none', ['stream', '--to', 'workbench', '--', 'true'], /workbench is not an address/],
    ['a rule that is not there', ['score', 'x', '--disable-rule', 'R99'], /Rules are R01 … X06/],
    ['a count that is none', ['score', 'x', '--wrong', '-1'], /whole number/],
    ['an unknown command', ['rekord'], /unknown command 'rekord'/],
  ])('%s', async (_title, args, message) => {
    const { status, stderr } = await inProcess(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*:\d+/);
    expect(status).toBe(2);
  });

  it('while help is no error', async () => {
    expect(await inProcess('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('doctor') });
  });
});

describe('causeway doctor', () => {
  afterEach(() => vi.restoreAllMocks());

  it('says for each need whether it is met, and what to do if not', async () => {
    const { status, stdout } = await inProcess('doctor', '--json');
    const { possible, checks } = JSON.parse(stdout) as {
      possible: boolean;
      checks: { ok: boolean; remedy?: string }[];
    };
    expect(possible).toBe(LACKING === '');
    expect(status).toBe(possible ? 0 : 1);
    for (const { ok, remedy } of checks) expect(remedy === undefined).toBe(ok);
  });
});

describe.skipIf(LACKING !== '')(`causeway record (needs ${LACKING || 'nothing more'})`, () => {
  let traffic = '';
  beforeAll(() => {
    traffic = compile('traffic', folder.path);
  });

  /** A recorder of a long burst, once its file has grown. */
  async function underway(path: string, ...args: string[]) {
    const recorder = spawn(
      process.execPath,
      [...ARGUMENTS, 'record', '-o', path, ...args, '--', traffic, 'burst', '2000000'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let stderr = '';
    recorder.stderr.on('data', (text) => {
      stderr += text;
    });
    while (!existsSync(path) || readFileSync(path).length < 100_000) await sleep(20);
    return { recorder, ended: once(recorder, 'exit'), said: () => stderr };
  }

  it('tells how the command ended and what to do next', () => {
    const path = file('short.causeway.msgpack');
    const { status, stderr } = causeway('record', '-o', path, '--', traffic, 'v4');
    expect(status).toBe(0);
    expect(stderr).toMatch(/The command ended with status 0\./);
    expect(stderr).toMatch(/Next: `npx causeway replay/);
    const { header, items } = readCapture(readFileSync(path));
    expect(items).toEqual(['header', 'snapshot', 'tags', 'events', 'loss', 'clock', 'index']);
    expect(header).toMatchObject({ payloadLimit: 1024, filters: { command: [traffic, 'v4'] } });
  });

  it('gives way to other programs, its command does not', () => {
    const show = 'cat /proc/$$/stat /proc/$PPID/task/*/stat';
    const { stdout } = causeway('record', '-o', file('priority.causeway.msgpack'), '--', 'sh', '-c', show);
    // The 19th field of proc(5), the 17th behind `pid (comm)`.
    const [command, ...recorder] = [...stdout.matchAll(/\) (.*)/g)].map(([, fields]) => Number(fields!.split(' ')[16]));
    expect(command).toBe(getPriority());
    expect(recorder.length).toBeGreaterThan(1);
    expect(new Set(recorder)).toEqual(new Set([Math.max(getPriority(), 5)]));
  });

  it('ends cleanly on a signal, and ends its command', async () => {
    const path = file('signal.causeway.msgpack');
    const { recorder, ended, said } = await underway(path);
    recorder.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(said()).toMatch(/The command ended with signal SIGTERM\./);
    expect(readCapture(readFileSync(path)).items.at(-1)).toBe('index');
  });

  it('leaves every whole frame readable when it is killed', async () => {
    const path = file('killed.causeway.msgpack');
    const { recorder, ended } = await underway(path);
    recorder.kill('SIGKILL');
    await ended;
    const { items, events } = readCapture(readFileSync(path));
    process.kill(events[0]!.thread.pid, 'SIGKILL');
    expect(events.length).toBeGreaterThan(0);
    expect(items.filter((kind) => kind === 'damage')).toHaveLength(1);
    expect(items.at(-1)).toBe('damage');
  });

  it('says that the disk is full, and keeps what was written whole', () => {
    const limited = `ulimit -f 200; exec "$@"`;
    const path = file('full.causeway.msgpack');
    const args = [...ARGUMENTS, 'record', '-o', path, '--', traffic, 'burst', '60000'];
    const { status, stderr } = spawnSync(
      '/bin/bash',
      ['-c', `trap '' XFSZ; ${limited}`, 'sh', process.execPath, ...args],
      { encoding: 'utf8' },
    );
    expect(stderr).toMatch(/Writing failed: .*free some space/s);
    expect(status).toBe(1);
    const { items } = readCapture(readFileSync(path));
    // Cut between two frames: nothing is damaged but the end is missing.
    expect(items.filter((kind) => kind === 'damage')).toHaveLength(1);
  });

  it('tells a command that cannot be started', () => {
    const { status, stderr } = causeway('record', '-o', file('none'), '--', '/no/such/program');
    expect(stderr).toMatch(/The command ended with status 127\./);
    expect(status).toBe(0);
  });

  it('says when the file cannot be written', () => {
    writeFileSync(file('plain'), '');
    const { status, stderr } = causeway('record', '-o', file('plain/x'), '--', 'true');
    expect(stderr).toMatch(/cannot be written: not a directory\./);
    expect(status).toBe(1);
  });
});
