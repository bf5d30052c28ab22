import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import type { SysSpan } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { goProgram } from '../src/probes/go';
import { getsCreatorInBx, goroutineIdAt, returnsIn, threadPlaceOf } from '../src/probes/go-code';
import { LACKING, readCapture, recordBytes, recordEvents, scratchFolder } from './support/recorded';
import { replayed } from './support/replayed';

const hasGo = spawnSync('go', ['version']).status === 0;
const lacks = LACKING || (hasGo ? '' : 'the go command');
const REQUESTS = 5;

/** Of Go that the bundler was built with, and stripped. */
const ESBUILD = join(packageRoot(), '..', '..', 'node_modules', '@esbuild', 'linux-x64', 'bin', 'esbuild');
const lacksEsbuild = LACKING || (existsSync(ESBUILD) ? '' : '@esbuild/linux-x64');

describe("Go's code", () => {
  const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const PADDING = '90'.repeat(16);

  // Cut from the runtime.newproc1 of programs that these versions built.
  it.each([
    ['1.18', '488b8e80010000 48898898000000 48ff8680010000', 152],
    ['1.22', '488bb280010000 488b442438 4889b098000000 48ff8280010000', 152],
    ['1.23', '4c8b8278010000 488b442440 4c8980a0000000 48ff8278010000', 160],
    ['1.24', '488b9778010000 488996a0000000 4889f0 bb06000000 4489c1 e8677fffff 488b542448 48ff8278010000', 160],
    ['1.25', '488b9778010000 48899698000000 4889f0 bb06000000 4489c1 0f1f4000 488b542448 48ff8278010000', 152],
    ['1.26', '498b9080010000 48899798000000 4889f8 bb06000000 4489c9 e81081ffff 488b542448 48ff8280010000', 152],
  ])("of %s tells where a goroutine's id stands", (_, code, place) => {
    expect(goroutineIdAt(bytes(code + PADDING))).toBe(place);
  });

  it.each([
    ['another count than the one that was read', '488b8e80010000 48898898000000 48ff8688010000'],
    ['another register stored than read', '488b8e80010000 48899098000000 48ff8680010000'],
    ['two places', '488b8e80010000 48898898000000 48ff8680010000 488b8e80010000 488988a0000000'],
    ['nothing', ''],
  ])('tells no place from %s', (_, code) => {
    expect(goroutineIdAt(bytes(code + PADDING))).toBeUndefined();
  });

  it.each([
    ['1.18', '48895c2438 488b442438 e896020000', 0x2a5, true],
    ['1.26', '48895c2468 488b442468 488b8898000000 488b542440 48898a18010000 e8d2030000', 0x3f4, true],
    ['1.17, which has it in another register', '48897c2430 488b442430 e850020000', 0x25f, false],
    ['a call of another function', '48895c2438 488b442438 e896020000', 0x2a0, false],
    ['another place of the stack', '48895c2438 488b442440 e896020000', 0x2a5, false],
    ['half a function', '48895c2438 e896', 0, false],
  ])('tells who makes a goroutine: %s', (_, code, toSaveAncestors, expected) => {
    expect(getsCreatorInBx(bytes(code), toSaveAncestors)).toBe(expected);
  });

  it.each([
    ['a plain program', '64488914 25f8ffffff 4989d6', -8],
    ['one with threads that have variables of C', '64488914 25d8ffffff 4989d6', -40],
    ['a position-independent one', '48c7c1d8ffffff 64488911 4989d6', -40],
    ['a shared library, which asks the linker', '488b0d00000000 64488911 4989d6', undefined],
    ['half an instruction', '64488914 25f8', undefined],
  ])('tells where a thread has its goroutine: %s', (_, code, place) => {
    expect(threadPlaceOf(bytes(code))).toBe(place);
  });

  it('tells where a function returns', () => {
    const code = '4883c448 c3 c3 90 4881c400010000 5d c3 b8c3000000';
    expect(returnsIn(bytes(code))).toEqual([4, 15]);
    expect(returnsIn(bytes('4883c4'))).toEqual([]);
  });
});

describe.skipIf(lacks !== '').each([
  ['', ['hop.go'], []],
  [' of a program without symbols and with C code', ['hop.go', 'thread-variables.go'], ['-ldflags=-s']],
] as const)(`goroutines%s${lacks && ` (needs ${lacks})`}`, (_, files, flags) => {
  const folder = scratchFolder();
  const program = join(folder.path, 'hop');
  afterAll(() => folder.remove());
  beforeAll(() => {
    const sources = files.map((file) => join(packageRoot(), 'test', 'support', file));
    const { stderr, status } = spawnSync('go', ['build', '-o', program, ...flags, ...sources], {
      encoding: 'utf8',
      env: { ...process.env, GOCACHE: join(folder.path, 'cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' },
    });
    expect(status, stderr).toBe(0);
  }, 300_000);

  it('are found in the program', () => {
    const found = goProgram(program);
    if (found?.kind !== 'known') throw new Error(found?.reason);
    expect(found.points.map((point) => point.program)).toEqual(['go_newproc', 'go_newproc_return']);
    expect(goProgram(process.execPath)).toBeUndefined();
  });

  it('tie what a handler asks of others to what it was asked, with five at once', async () => {
    const bytes = await recordBytes({ command: [program, String(REQUESTS)] }, { go: true });
    const { events } = readCapture(bytes);
    const { spans, links } = await replayed(bytes);
    const front = (spans as SysSpan[]).filter(({ tapSide, resource }) => tapSide === 's-p' && /^\/\d$/.test(resource!));
    const asked = (spans as SysSpan[]).filter(
      ({ tapSide, resource }) => tapSide === 'c-p' && resource!.startsWith('/stock'),
    );
    expect([front.length, asked.length]).toEqual([REQUESTS, REQUESTS]);
    expect(new Set(front.map(({ pseudoThreadId }) => pseudoThreadId)).size).toBe(REQUESTS);
    for (const child of asked) {
      const parent = front.find(({ resource }) => child.resource === `/stock${resource}`)!;
      expect(child.pseudoThreadId).toBe(parent.pseudoThreadId);
      expect(links.find((link) => link.child === child.id)).toMatchObject({ parent: parent.id, rule: 'R05' });
    }
    expect(events.some(({ thread }) => thread.coroutine !== thread.pseudoThread)).toBe(true);
  });

  it('are not told apart unless asked for', async () => {
    const { events } = readCapture(await recordBytes({ command: [program, '1'] }));
    expect(events.length).toBeGreaterThan(10);
    expect(events.every(({ thread }) => thread.coroutine === undefined && thread.pseudoThread === undefined)).toBe(
      true,
    );
  });
});

describe.skipIf(lacksEsbuild !== '')(
  `goroutines of a stripped program of another Go${lacksEsbuild && ` (needs ${lacksEsbuild})`}`,
  () => {
    const CONNECTIONS = 8;
    const ROUNDS = 3;
    const folder = scratchFolder();
    let server: ChildProcess;
    let port = '';
    afterAll(() => {
      server?.kill('SIGKILL');
      folder.remove();
    });
    beforeAll(async () => {
      // It ends with its standard input.
      server = spawn(ESBUILD, ['--serve=127.0.0.1:0', `--servedir=${folder.path}`], {
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      let said = '';
      while (port === '') {
        const [text] = await once(server.stderr!, 'data');
        said += text;
        port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? '';
      }
      server.stderr!.resume();
    });

    const ask = (agent: Agent) =>
      new Promise<void>((resolve, reject) => {
        const request = get({ host: '127.0.0.1', port, agent }, (answer) => answer.resume().once('end', resolve));
        request.once('error', reject);
      });

    it('serve one connection each', async () => {
      const { events } = await recordEvents({ pids: [server.pid!] }, { go: true }, async () => {
        const agents = Array.from({ length: CONNECTIONS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
        await Promise.all(
          agents.map(async (agent) => {
            for (let round = 0; round < ROUNDS; round += 1) await ask(agent);
            agent.destroy();
          }),
        );
      });
      const served = events.filter(({ payload, socket }) => payload.length > 0 && socket?.local.port === Number(port));
      const byClient = new Map<number, Set<number>>();
      for (const { socket, thread } of served) {
        const { port: client } = socket!.remote;
        byClient.set(client, (byClient.get(client) ?? new Set()).add(thread.pseudoThread ?? 0));
      }
      // One goroutine read each request of the connection and wrote each answer; its id is small, as few were made.
      expect([...byClient.values()].map(({ size }) => size)).toEqual(Array(CONNECTIONS).fill(1));
      const ids = new Set([...byClient.values()].flatMap((each) => [...each]));
      expect(ids.size).toBe(CONNECTIONS);
      expect([...ids].every((id) => id > 0 && id < 100_000)).toBe(true);
    });
  },
);
