import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Database } from '../../src/server/database/database';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/database/embedded-postgres';
import { applyMigrations } from '../../src/server/database/migrations';
import { REPOSITORY, temporaryFolder, until } from './harness';

const MIGRATIONS = join(REPOSITORY, 'prisma/migrations');
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let postgres: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  folder = await temporaryFolder();
  postgres = await startEmbeddedPostgres(folder.path);
  database = await connectDatabase(postgres.url);
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
  await folder.remove();
});

const postmaster = (): number =>
  Number(readFileSync(join(folder.path, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

describe('migrations', () => {
  it('are applied once, even by several servers at the same moment, and kept in the book as Prisma keeps it', async () => {
    const all = await Promise.all([1, 2, 3].map(() => applyMigrations(database.sql, MIGRATIONS)));
    expect(all.flat().sort()).toEqual([...new Set(all.flat())].sort());
    const script = readFileSync(join(MIGRATIONS, '20261101000000_first/migration.sql'));
    const [row] = await database.sql`SELECT * FROM _prisma_migrations WHERE migration_name = '20261101000000_first'`;
    expect(row).toMatchObject({
      checksum: createHash('sha256').update(script).digest('hex'),
      applied_steps_count: 1,
      rolled_back_at: null,
      logs: null,
    });
    expect(row?.finished_at).toBeInstanceOf(Date);
    expect(await applyMigrations(database.sql, MIGRATIONS)).toEqual([]);
  });

  it('make the tables that the schema describes', async () => {
    const { prisma } = database;
    expect(await prisma.spanBlock.count()).toBe(0);
    expect(await prisma.trace.count()).toBe(0);
    expect(await prisma.capture.findMany({ include: { workspaces: true } })).toEqual([]);
    expect(await prisma.workspace.findMany({ include: { captures: true } })).toEqual([]);
  });

  it('that fail leave nothing behind, and ones changed afterwards are refused', async () => {
    const copy = join(folder.path, 'migrations');
    await cp(MIGRATIONS, copy, { recursive: true });
    await mkdir(join(copy, '29990101000000_broken'));
    await writeFile(join(copy, '29990101000000_broken/migration.sql'), 'CREATE TABLE half (); SELECT nonsense;');
    await expect(applyMigrations(database.sql, copy)).rejects.toThrow(/29990101000000_broken failed/);
    expect(await database.sql`SELECT 1 FROM pg_tables WHERE tablename = 'half'`).toHaveLength(0);
    await writeFile(join(copy, '20261101000000_first/migration.sql'), '-- changed');
    await expect(applyMigrations(database.sql, copy)).rejects.toThrow(/differs/);
  });
});

describe('the embedded server', () => {
  it('asks for a password, which only the owner may read', async () => {
    expect(statSync(join(folder.path, 'database.json')).mode & 0o077).toBe(0);
    await expect(connectDatabase(postgres.url.replace(/:[0-9a-f]{48}@/, ':wrong@'))).rejects.toThrow(
      /cannot be reached/,
    );
  });

  it('that a killed run left behind is used again', async () => {
    const before = postmaster();
    const again = await startEmbeddedPostgres(folder.path);
    expect(again.url).toBe(postgres.url);
    expect(postmaster()).toBe(before);
  });

  it('is left running while another server uses it', async () => {
    const again = await startEmbeddedPostgres(folder.path);
    await again.stop();
    expect(await database.sql`SELECT 1`).toHaveLength(1);
  });

  it('comes back with its data after kill -9', async () => {
    await database.sql`CREATE TABLE kept AS SELECT 7 AS value`;
    const pid = postmaster();
    process.kill(pid, 'SIGKILL');
    await delay(50);
    postgres = await startEmbeddedPostgres(folder.path);
    expect(postmaster()).not.toBe(pid);
    const rows = await until(
      () => database.sql`SELECT value FROM kept`.catch(() => []),
      (found) => found.length > 0,
    );
    expect(rows[0]).toEqual({ value: 7 });
  });

  it('starts although postmaster.pid names a process of someone else', async () => {
    await database.close();
    await postgres.stop();
    const stranger = spawn('sleep', ['60']);
    await writeFile(join(folder.path, 'postgres/postmaster.pid'), `${stranger.pid}\n`);
    postgres = await startEmbeddedPostgres(folder.path);
    stranger.kill();
    database = await connectDatabase(postgres.url);
    expect(await database.sql`SELECT value FROM kept`).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() !== 0)('works as root (only root can try this)', () => {
    expect(execFileSync('ps', ['-o', 'uid=', '-p', String(postmaster())], { encoding: 'utf8' }).trim()).not.toBe('');
  });
});
