import { rename, rm, stat } from 'node:fs/promises';
import { describeProblem } from '@causeway/replay';
import { importFile, isImportableAt } from '@causeway/replay/node';
import { updateCapture } from './capture-row';
import type { IngestContext } from './context';

const PROGRESS_EVERY_MS = 300;
/** Progress that it stands for, of an ingest that needs it. */
const IMPORT_SHARE = 0.4;

/** What came before the reading of a capture's file. */
export interface Imported {
  readonly share: number;
  /** What of a packet capture could not be read, one sentence each. */
  readonly damage: readonly string[];
}

/**
 * Makes a capture of an uploaded packet capture, in its place, as `causeway import` does: all that is stored is then of one
 * format. An interrupted job finds either the one or the other, and what could not be read is noted before they change
 * places, so that it is not forgotten.
 */
export async function importUpload(
  { database, signal }: Pick<IngestContext, 'database' | 'signal'>,
  captureId: string,
  path: string,
): Promise<Imported> {
  const row = await database.prisma.capture.findUnique({
    where: { id: captureId },
    select: { name: true, damage: true },
  });
  const noted = Array.isArray(row?.damage) ? row.damage.filter((line) => typeof line === 'string') : [];
  if (!(await isImportableAt(path))) return { share: 0, damage: noted };
  const { size } = await stat(path);
  let told = performance.now();
  const made = `${path}.importing`;
  try {
    const { problems } = await importFile(path, made, {
      ...(row !== null && { name: row.name }),
      onProgress: async (position) => {
        if (performance.now() - told < PROGRESS_EVERY_MS) return;
        signal.throwIfAborted();
        told = performance.now();
        await updateCapture(database, captureId, { progress: (position / Math.max(1, size)) * IMPORT_SHARE });
      },
    });
    const damage = problems.map(describeProblem);
    await updateCapture(database, captureId, { damage });
    await rename(made, path);
    return { share: IMPORT_SHARE, damage };
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}
