// npm run dev: as npm start, but pages reload as they are edited and the server starts again when its code changes.
import { bootstrap } from './bootstrap/index.mjs';
import { run } from './lib/run.mjs';

await bootstrap({ purpose: 'dev' });
// The terminal sends Ctrl-C to the server too, which then ends in order; we only wait for that.
process.on('SIGINT', () => undefined);
const { status } = await run(
  'tsx',
  ['watch', '--clear-screen=false', '--exclude', '**/.next/**', 'apps/web/src/server/main.ts', '--dev'],
  { env: { NODE_ENV: 'development' } },
);
process.exitCode = status;
