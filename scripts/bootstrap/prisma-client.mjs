import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from '../lib/run.mjs';
import { explain, StepError } from './step.mjs';

const GENERATED = join(ROOT, 'apps/web/src/server/database/generated');
const STAMP = join(GENERATED, '.schema-hash');

/** Generates the typed database client from prisma/schema.prisma, without network, when the schema or Prisma changed. */
export async function generatePrismaClient() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'prisma.config.ts', 'node_modules/prisma/package.json'])
    hash.update(readFileSync(join(ROOT, file)));
  const wanted = hash.digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 'up to date';
  const { status, output } = await run('prisma', ['generate', '--no-hints'], { capture: true });
  if (status !== 0 || !existsSync(GENERATED)) {
    console.error(output.trim());
    throw new StepError(explain(output, 'prisma generate failed for the reason above.'));
  }
  writeFileSync(STAMP, wanted);
  return 'generated';
}
