import { createHash, randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Services } from '../api/services';

const SUFFIX = '.causeway.msgpack';

/**
 * Imports each `captures/<situation>/*.causeway.msgpack` once, known by its content: a sample that was recorded anew comes
 * in beside the old one, and one that people deleted stays away. Several captures of one situation, e.g. of two hosts,
 * become a workspace when they first come in.
 */
export async function importSamples(services: Services, folder: string): Promise<void> {
  for (const { name, samples } of await findSituations(folder)) {
    const made: string[] = [];
    for (const sample of samples) made.push(...(await importSample(services, sample)));
    if (made.length < 2 || made.length < samples.length) continue;
    const members = made.map((captureId) => ({ captureId }));
    // Each capture that has been read has its workspaces assembled.
    await services.database.prisma.workspace.create({ data: { name, captures: { createMany: { data: members } } } });
  }
}

interface Sample {
  readonly path: string;
  readonly name: string;
}

/** The capture's id; nothing, when it is there or was deleted. */
async function importSample({ database, data, jobs }: Services, { path, name }: Sample): Promise<string[]> {
  const { prisma } = database;
  const contentHash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const known = await prisma.capture.findFirst({ where: { origin: 'sample', contentHash }, select: { id: true } });
  const deleted = await prisma.tombstone.findUnique({ where: { key: `sample:${contentHash}` } });
  if (known !== null || deleted !== null) return [];
  const id = randomUUID();
  const filePath = data.captureFile(id);
  await copyFile(path, data.resolve(filePath));
  const { size } = await stat(path);
  await prisma.capture.create({
    data: { id, name, origin: 'sample', state: 'queued', filePath, sizeBytes: BigInt(size), contentHash },
  });
  await jobs.enqueue('ingest', id);
  return [id];
}

async function findSituations(folder: string): Promise<{ name: string; samples: Sample[] }[]> {
  const folders = (await readdir(folder, { withFileTypes: true }).catch(() => [])).filter((entry) =>
    entry.isDirectory(),
  );
  const names = folders.map(({ name }) => name).sort();
  return Promise.all(
    names.map(async (situation) => {
      const files = (await readdir(join(folder, situation))).filter((file) => file.endsWith(SUFFIX)).sort();
      const samples = files.map((file) => {
        const name = files.length === 1 ? situation : `${situation}-${file.slice(0, -SUFFIX.length)}`;
        return { path: join(folder, situation, file), name: name.replaceAll('-', ' ') };
      });
      return { name: situation.replaceAll('-', ' '), samples };
    }),
  );
}
