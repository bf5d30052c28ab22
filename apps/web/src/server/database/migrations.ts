import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { messageOf, PlainError } from '../plain-error';

/** The lock that Prisma's own migrate takes, so that the two never run at once. */
const PRISMA_LOCK = 72707369;

/** As Prisma makes it, so that `prisma migrate deploy` goes on from where we were. */
const BOOK = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`;

interface Applied {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/**
 * Applies the migrations of a folder that the database lacks, in the order of their names, each in a transaction.
 * Returns the names of those applied now.
 * @throws PlainError when one fails, was changed after it was applied, or was left half done by another tool.
 */
export async function applyMigrations(sql: Sql, folder: string): Promise<readonly string[]> {
  const connection = await sql.reserve();
  try {
    await connection`SELECT pg_advisory_lock(${PRISMA_LOCK})`;
    await connection.unsafe(BOOK);
    const rows = await connection<Applied[]>`
      SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL`;
    const applied = new Map(rows.map((row) => [row.migration_name, row]));
    const fresh: string[] = [];
    for (const { name, script, checksum } of await readMigrations(folder)) {
      const before = applied.get(name);
      if (before === undefined) {
        await apply(connection, name, script, checksum);
        fresh.push(name);
      } else {
        verify(before, checksum);
      }
    }
    return fresh;
  } finally {
    await connection`SELECT pg_advisory_unlock(${PRISMA_LOCK})`.catch(() => undefined);
    connection.release();
  }
}

async function readMigrations(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(folder, name, 'migration.sql'));
      return { name, script: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

async function apply(connection: Sql, name: string, script: string, checksum: string): Promise<void> {
  try {
    await connection.unsafe('BEGIN');
    await connection.unsafe(script);
    await connection`
      INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
      VALUES (${randomUUID()}, ${checksum}, ${name}, now(), 1)`;
    await connection.unsafe('COMMIT');
  } catch (error) {
    await connection.unsafe('ROLLBACK');
    throw new PlainError(`The database migration ${name} failed (${messageOf(error)}); nothing of it was kept.`);
  }
}

function verify({ migration_name: name, checksum, finished_at: finished }: Applied, expected: string): void {
  if (finished === null) {
    throw new PlainError(
      `The database migration ${name} was left half done: mend it with "npx prisma migrate resolve".`,
    );
  }
  if (checksum !== expected) {
    throw new PlainError(
      `The database migration ${name} differs from the one this database was made with: use the version of Causeway that made it, or another database.`,
    );
  }
}
