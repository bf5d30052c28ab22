import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from './app/start-server';
import { messageOf, PlainError } from './plain-error';
import { readSettings } from './settings';

/** The server's program: `node dist/main.js` after a build, or `tsx src/server/main.ts --dev` with hot reload. */
const IMPATIENCE_MS = 1_000;
const development = process.argv.includes('--dev');
const here = fileURLToPath(import.meta.url);
const bundled = here.endsWith('.js');
const web = join(here, bundled ? '../..' : '../../..');
const root = join(web, '../..');

async function main(): Promise<void> {
  const began = performance.now();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const settings = readSettings(root, process.env);
  const running = await startServer({
    settings,
    version,
    development,
    samplesFolder: join(root, 'captures'),
    workerProgram: join(here, '..', bundled ? 'worker.js' : 'worker.ts'),
    onStep: (step) => console.log(`  ${step} (${((performance.now() - began) / 1000).toFixed(1)} s)`),
    pages: async (server) => {
      const { nextPages } = await import('./app/next-pages');
      return nextPages(server, web, settings, development);
    },
  });
  console.log(`\nCauseway is at ${running.url}${settings.token === undefined ? '' : '/login'}\n`);

  let closingSince: number | undefined;
  const close = async (): Promise<void> => {
    // Ctrl-C comes twice at once, from the terminal and through npm; a later one is impatience.
    if (closingSince !== undefined && performance.now() - closingSince > IMPATIENCE_MS) process.exit(1);
    if (closingSince !== undefined) return;
    closingSince = performance.now();
    console.log('\nStopping …');
    await running.close().catch((error: unknown) => console.error(messageOf(error)));
    console.log('Stopped.');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close);
}

main().catch((error: unknown) => {
  console.error(error instanceof PlainError ? error.message : error);
  process.exit(1);
});
