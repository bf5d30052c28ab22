import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from '../lib/run.mjs';
import { explain, StepError } from './step.mjs';

const STAMP = join(ROOT, 'node_modules', '.causeway-lock-hash');
/** npm's own record of what it installed: newer than the lock file after a plain `npm install`. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');

/** Runs `npm ci` when what is installed is not what package-lock.json says. */
export async function installNodeModules() {
  const wanted = `${createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')} ${process.versions.modules}`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 'up to date';
  if (matchesLock()) {
    writeFileSync(STAMP, wanted);
    return 'up to date';
  }
  console.log('  npm packages: installing; the first time this takes a minute or two');
  const { status, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { capture: true });
  if (status !== 0) {
    console.error(output.trim());
    throw new StepError(explain(output, 'npm ci failed for the reason above; it needs to reach an npm registry.'));
  }
  writeFileSync(STAMP, wanted);
  return 'installed';
}

/** Whether every package of the lock file is installed in its version. */
function matchesLock() {
  if (!existsSync(INSTALLED)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const { packages: installed } = JSON.parse(readFileSync(INSTALLED, 'utf8'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      !path.startsWith('node_modules/') || optional === true || installed[path]?.version === version,
  );
}
