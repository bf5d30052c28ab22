import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../src/server/database/embedded-postgres';

const WEB = join(import.meta.dirname, '../..');
/** Below node_modules, so that the bundle finds its packages. */
const BUNDLE = join(WEB, 'node_modules/.causeway-test');

/**
 * Once for a run of the server's tests: one PostgreSQL for all files, and the worker bundled, as starting either takes
 * seconds. Handed on in the environment, because processes that tests start need them too.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-test-'));
  const [server] = await Promise.all([
    startEmbeddedPostgres(folder),
    build({
      entryPoints: [join(WEB, 'src/server/worker.ts')],
      outfile: join(BUNDLE, 'worker.js'),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'warning',
      plugins: [
        {
          name: 'packages-stay-outside',
          setup: ({ onResolve }) =>
            onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
              kind === 'entry-point' || path.startsWith('@causeway/') ? undefined : { path, external: true },
            ),
        },
      ],
    }),
  ]);
  process.env.CAUSEWAY_TEST_DATABASE = server.url;
  process.env.CAUSEWAY_TEST_WORKER = join(BUNDLE, 'worker.js');
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(BUNDLE, { recursive: true, force: true });
  };
}

/** A database of its own for a data folder; the same folder gets the same again. Undefined outside of such a run. */
export async function databaseFor(folder: string): Promise<string | undefined> {
  const shared = process.env.CAUSEWAY_TEST_DATABASE;
  if (shared === undefined) return undefined;
  const name = `test_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const sql = postgres(shared, { max: 1, onnotice: () => undefined });
  try {
    const found = await sql`SELECT 1 FROM pg_database WHERE datname = ${name}`;
    if (found.length === 0) await sql.unsafe(`CREATE DATABASE ${name}`);
  } finally {
    await sql.end();
  }
  return shared.replace(/[^/]*$/, name);
}
