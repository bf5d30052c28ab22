// npm start: sets up what is missing, builds, and serves the workbench. PORT, HOST, DATABASE_URL: see README.md.
import { bootstrap } from './bootstrap/index.mjs';
import { QUIET_ENVIRONMENT } from './lib/run.mjs';

await bootstrap({ purpose: 'start' });
// In this very process, so that a signal meant for `npm start` reaches the server once.
Object.assign(process.env, QUIET_ENVIRONMENT, { NODE_ENV: 'production' });
process.setSourceMapsEnabled(true);
await import('../apps/web/dist/main.js');
