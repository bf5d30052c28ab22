import type { DataFolder } from '../data-folder';
import type { Database } from '../database/database';
import type { JobQueue } from '../jobs/job-queue';

export interface LiveStart {
  readonly captureId: string;
  readonly name: string;
}

/** The rows of live captures, as their agents come and go. */
export interface LiveRegistry {
  /** Makes the row or wakes it up. Returns the sentence to refuse with, or the capture's file. */
  begin(start: LiveStart): Promise<{ readonly file: string } | { readonly refused: string }>;
  /** Bytes came: a capture that was given up because nothing came for long is read again. */
  touch(captureId: string): Promise<void>;
  /** No more bytes will come. */
  complete(captureId: string, sizeBytes: number): Promise<void>;
}

export function createLiveRegistry(database: Database, data: DataFolder, jobs: JobQueue): LiveRegistry {
  const { prisma } = database;

  async function wake(captureId: string): Promise<void> {
    const woken = await prisma.capture.updateMany({
      where: { id: captureId, origin: 'live', state: { not: 'receiving' } },
      data: { state: 'receiving', complete: false, problem: null },
    });
    if (woken.count > 0) await jobs.enqueue('follow', captureId, true);
  }

  return {
    async begin({ captureId, name }) {
      if ((await prisma.tombstone.findUnique({ where: { key: `live:${captureId}` } })) !== null) {
        return { refused: 'This capture was deleted on the server: start a new recording.' };
      }
      const row = await prisma.capture.findUnique({ where: { id: captureId } });
      if (row !== null && row.origin !== 'live')
        return { refused: 'The server already holds a file with the id of this capture.' };
      const filePath = data.captureFile(captureId);
      if (row === null) {
        await prisma.capture.create({
          data: {
            id: captureId,
            name,
            origin: 'live',
            state: 'receiving',
            complete: false,
            filePath,
          },
        });
        await jobs.enqueue('follow', captureId);
      } else if (!row.complete) {
        await wake(captureId);
      }
      return { file: data.resolve(filePath) };
    },
    touch: wake,
    async complete(captureId, sizeBytes) {
      await prisma.capture.updateMany({
        where: { id: captureId },
        data: { complete: true, sizeBytes: BigInt(sizeBytes) },
      });
    },
  };
}
