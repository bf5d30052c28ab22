import { createHash, randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Services } from '../api/services';

const SUFFIX = '.causeway.msgpack';

/**
 * Imports each `captures/<situation>/*.causeway.msgpack` once, known by its content: a sample that was recorded anew comes
 * in beside the old one, and one that people deleted stays away.
 */
export async function importSamples({ database, data, jobs }: Services, folder: string): Promise<void> {
  const { prisma } = database;
  for (const { path, name } of await findSamples(folder)) {
    const contentHash = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    const known = await prisma.capture.findFirst({ where: { origin: 'sample', contentHash }, select: { id: true } });
    const deleted = await prisma.tombstone.findUnique({ where: { key: `sample:${contentHash}` } });
    if (known !== null || deleted !== null) continue;
    const id = randomUUID();
    const filePath = data.captureFile(id);
    await copyFile(path, data.resolve(filePath));
    const { size } = await stat(path);
    await prisma.capture.create({
      data: {
        id,
        name,
        origin: 'sample',
        state: 'queued',
        filePath,
        sizeBytes: BigInt(size),
        contentHash,
      },
    });
    await jobs.enqueue('ingest', id);
  }
}

async function findSamples(folder: string): Promise<{ path: string; name: string }[]> {
  const samples: { path: string; name: string }[] = [];
  const situations = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const situation of situations
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const files = (await readdir(join(folder, situation.name))).filter((file) => file.endsWith(SUFFIX)).sort();
    for (const file of files) {
      const own = file.slice(0, -SUFFIX.length);
      const name = files.length === 1 ? situation.name : `${situation.name}-${own}`;
      samples.push({ path: join(folder, situation.name, file), name: name.replaceAll('-', ' ') });
    }
  }
  return samples;
}
