import { errorCode, messageOf, PlainError } from '../plain-error';
import { updateCapture } from './capture-row';
import { CaptureGone, type IngestContext } from './context';

/** Of the database: it restarts or is not there for a moment. The job is tried again. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  '57P01',
  '57P03',
  '40P01',
  '55P03',
]);

export const isPassing = (error: unknown): boolean => PASSING.has(errorCode(error) ?? '');

/**
 * Runs an ingest. A capture that was deleted meanwhile ends it quietly; what may pass is thrown, so that the queue tries
 * again; anything else becomes the capture's state `failed` with one sentence. The file is kept in any case.
 */
export async function noteFailure(
  { database, signal }: IngestContext,
  captureId: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof CaptureGone) return;
    // Its partition may have been dropped under the job.
    const row = await database.prisma.capture.findUnique({ where: { id: captureId }, select: { id: true } });
    if (row === null) return;
    if (signal.aborted || isPassing(error)) throw error;
    console.error(`Ingest of ${captureId}:`, error);
    await updateCapture(database, captureId, { state: 'failed', problem: sentenceFor(error) });
  }
}

function sentenceFor(error: unknown): string {
  if (error instanceof PlainError) return error.message;
  switch (errorCode(error)) {
    case 'ENOENT':
      return 'The file of this capture is gone from the data folder: delete the capture and upload it again.';
    case 'ENOSPC':
    case '53100':
      return 'The disk of the server is full: make room, then upload the capture again.';
    default:
      return `The capture could not be read (${messageOf(error)}); its file is kept and can be downloaded.`;
  }
}
