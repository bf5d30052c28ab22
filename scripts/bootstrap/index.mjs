// Everything a fresh machine lacks, brought in by one call. Built-in modules of Node only: it runs before npm ci.

import { buildAll } from './build.mjs';
import { installDebianPackages } from './debian-packages.mjs';
import { installNodeModules } from './node-modules.mjs';
import { checkNodeVersion } from './node-version.mjs';
import { generatePrismaClient } from './prisma-client.mjs';
import { step } from './step.mjs';

/**
 * @param {{ purpose: 'start' | 'test' | 'dev' }} options `start` builds for production; `test` builds too and adds the
 *   programs that tests run; `dev` leaves the workbench's build out, as it is compiled on the fly.
 * Ends the process with one sentence when something indispensable fails.
 */
export async function bootstrap({ purpose }) {
  checkNodeVersion();
  await step('npm packages', installNodeModules);
  await step('Debian packages', () => installDebianPackages(purpose));
  await step('database client', generatePrismaClient);
  await step('build', () => buildAll(purpose));
}
