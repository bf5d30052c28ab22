import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { sampleCapture } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureSummary, Status } from '../../src/api/contract';
import { DataFolder } from '../../src/server/data-folder';
import { captureOnceSettled, REPOSITORY, startTestServer, temporaryFolder, until, upload } from './harness';

const NOBODY = 65534;
const DEBIAN_POSTGRES = '/usr/lib/postgresql/15/bin';
const isRoot = process.getuid?.() === 0;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

describe('a data folder', () => {
  it.skipIf(!existsSync('/proc/self'))('below /proc is refused in one sentence (Linux only)', async () => {
    await expect(new DataFolder('/proc/causeway/data').prepare()).rejects.toThrow(/CAUSEWAY_DATA to a folder/);
  });

  it('that is a file, or lies in one, is refused in one sentence', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(new DataFolder(path).prepare()).rejects.toThrow(/CAUSEWAY_DATA to a folder/);
    }
  });

  it('is made with its parents, for the owner alone where captures lie', async () => {
    const path = join(folder.path, 'deep/er');
    await new DataFolder(path).prepare();
    await new DataFolder(path).prepare();
    expect(existsSync(join(path, 'captures'))).toBe(true);
  });
});

describe.skipIf(!isRoot || !existsSync(DEBIAN_POSTGRES))(
  'a PostgreSQL of ours (needs root and Debian’s postgresql-15)',
  () => {
    let postgres: ChildProcess;
    let port: number;

    beforeAll(async () => {
      const data = join(folder.path, 'debian');
      mkdirSync(data, { mode: 0o700 });
      chownSync(data, NOBODY, NOBODY);
      spawnSync('chmod', ['755', folder.path]);
      const as = { uid: NOBODY, gid: NOBODY, cwd: '/' };
      const made = spawnSync(join(DEBIAN_POSTGRES, 'initdb'), ['-D', data, '-U', 'me', '-A', 'trust', '-N'], as);
      expect(String(made.stderr)).toBe('');
      port = await freePort();
      postgres = spawn(
        join(DEBIAN_POSTGRES, 'postgres'),
        ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        { ...as, stdio: 'ignore' },
      );
      const ready = () =>
        spawnSync(join(DEBIAN_POSTGRES, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status;
      await until(
        async () => ready(),
        (status) => status === 0,
      );
    });
    afterAll(async () => {
      const ended = once(postgres, 'exit');
      postgres.kill('SIGINT');
      await ended;
    });

    it('named by DATABASE_URL is used in place of the embedded one', async () => {
      const own = join(folder.path, 'own');
      mkdirSync(own);
      const server = await startTestServer(own, { databaseUrl: `postgresql://me@127.0.0.1:${port}/postgres` });
      try {
        expect((await server.call<Status>('GET', '/api/status')).body.database).toBe('external');
        const { body } = await upload(server, 'x.causeway.msgpack', sampleCapture());
        const capture = await captureOnceSettled(server, (body as CaptureSummary).id);
        expect(capture).toMatchObject({ state: 'ready', traceCount: 2 });
        expect(existsSync(join(own, 'data/postgres'))).toBe(false);
      } finally {
        await server.close();
      }
    });
  },
);

describe.skipIf(!isRoot)('the embedded server of a normal user (only root can become one)', () => {
  it('runs as that user, from a folder of theirs', async () => {
    const home = join(folder.path, 'home');
    mkdirSync(home, { mode: 0o700 });
    spawnSync('chmod', ['755', folder.path]);
    chownSync(home, NOBODY, NOBODY);
    const program = join(import.meta.dirname, 'embedded-process.ts');
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, home], {
      cwd: REPOSITORY,
      uid: NOBODY,
      gid: NOBODY,
      env: { ...process.env, HOME: home, TMPDIR: home },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const [line] = await once(child.stdout, 'data');
    expect(String(line)).toMatch(/^postgresql:/);
    const pid = readFileSync(join(home, 'postgres/postmaster.pid'), 'utf8').split('\n')[0];
    const uid = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    expect(Number(uid)).toBe(NOBODY);
    child.stdin.end();
    await ended;
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
