// npm run record-captures [-- SITUATION…]: records the sample captures again, on this machine, as root.
// Afterwards look at each trace, then accept it: npx vitest run --project captures -u
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SITUATIONS } from './situations.mjs';
import { ROOT, Stage } from './stage.mjs';

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SITUATIONS);
for (const name of wanted) {
  const situation = SITUATIONS[name];
  if (situation === undefined) {
    console.error(`There is no situation "${name}". Known: ${Object.keys(SITUATIONS).join(', ')}`);
    process.exit(2);
  }
  console.log(`\n── ${name}`);
  const stage = await Stage.open();
  try {
    const folder = join(ROOT, 'captures', name);
    await mkdir(folder, { recursive: true });
    await situation(stage, join(folder, `${name}.causeway.msgpack`));
  } finally {
    await stage.close();
  }
}
