// npm start: sets up what is missing, builds, and serves the workbench. PORT, HOST, DATABASE_URL: see README.md.
import { bootstrap } from './bootstrap/index.mjs';
import { QUIET_ENVIRONMENT } from './lib/run.mjs';

const HELP = `npm start   sets up what is missing, builds, and serves the workbench with the sample captures

Settings are variables, for example \`PORT=3001 npm start\`:
  PORT, HOST           where to serve; 3000 on 127.0.0.1. Any other host than loopback needs CAUSEWAY_TOKEN
  CAUSEWAY_TOKEN       a secret that every page, the API and agents are asked for
  CAUSEWAY_ALLOWED_HOSTS
                       names, separated by commas, by which browsers may reach it beside HOST and the loopback names
  CAUSEWAY_DATA        folder of the database and the capture files; .causeway
  DATABASE_URL         a PostgreSQL of your own instead of the embedded one
  CAUSEWAY_PROTOCOLS   folder of protocol modules of your own, which are run: trusted files only
README.md says more.`;

const given = process.argv.slice(2);
if (given.length > 0) {
  const asked = given.every((word) => word === '--help' || word === '-h');
  console.log(asked ? HELP : `npm start takes no argument, but was given: ${given.join(' ')}\n\n${HELP}`);
  process.exit(asked ? 0 : 2);
}

await bootstrap({ purpose: 'start' });
// In this very process, so that a signal meant for `npm start` reaches the server once.
Object.assign(process.env, QUIET_ENVIRONMENT, { NODE_ENV: 'production' });
process.setSourceMapsEnabled(true);
await import('../apps/web/dist/main.js');
