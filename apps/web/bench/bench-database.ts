import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase } from '../src/server/database/database';
import { startEmbeddedPostgres } from '../src/server/database/embedded-postgres';
import { applyMigrations } from '../src/server/database/migrations';

/** A line of the table that `npm run bench` prints. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  readonly atMost?: boolean;
  readonly note?: string;
}

/** An embedded database of its own, in a folder that goes with it. */
export async function openBenchDatabase() {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-bench-'));
  const postgres = await startEmbeddedPostgres(folder);
  const database = await connectDatabase(postgres.url);
  await applyMigrations(database.sql, join(import.meta.dirname, '../../../prisma/migrations'));
  return {
    folder,
    postgres,
    database,
    async close(): Promise<void> {
      await database.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
