import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from '../lib/run.mjs';
import { explain, StepError } from './step.mjs';

const AGENT = '@causeway/capture-agent';

/** Builds all parts through turbo, which skips what did not change. For `dev` only the recorder is built. */
export async function buildAll(purpose) {
  // The recorder needs a compiler; without one the workbench is built alone.
  const agent = await turbo([`--filter=${AGENT}`]);
  if (agent.status !== 0) {
    const lines = agent.output.trim().split('\n');
    console.log(
      `! recorder: not built, so recording is off; "npx turbo run build --filter=${AGENT}" says more (${reason(lines)})`,
    );
  }
  if (purpose === 'dev') return 'recorder only; pages are compiled as they are opened';
  const web = await turbo([`--filter=!${AGENT}`]);
  if (web.status !== 0) {
    console.error(web.output.trim());
    throw new StepError(explain(web.output, 'the build failed for the reason above.'));
  }
  if (!existsSync(join(ROOT, 'apps/web/dist/main.js')))
    throw new StepError('the build left no server behind; run "npm run build" to see why.');
  return web.output.includes('FULL TURBO') ? 'nothing changed' : 'done';
}

const turbo = (filters) =>
  run('turbo', ['run', 'build', '--output-logs=errors-only', '--no-update-notifier', ...filters], { capture: true });

function reason(lines) {
  return (
    lines
      .find((line) => /error|not found|fatal/i.test(line))
      ?.trim()
      .slice(0, 200) ?? 'no reason given'
  );
}
