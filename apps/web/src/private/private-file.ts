import {
  CaptureWriter,
  describeProblem,
  importItems,
  isImportable,
  readAnySource,
  streamSource,
} from '@causeway/replay';
import { checkCaptureFile, emptyFile } from '../answers/capture-check';
import { captureName } from '../answers/capture-name';
import { ApiFailure } from '../api/failure';
import { identityOf } from './file-identity';

/** Enough to tell what a file is. */
const HEAD_BYTES = 64;

/** A file that a person chose and that can be read. */
export interface PrivateFile {
  readonly id: string;
  /** What its capture is called. */
  readonly name: string;
  readonly file: File;
  /** Is pcap, pcapng or OTLP, and must be made a capture first. */
  readonly importable: boolean;
}

/** @throws ApiFailure in the words of an upload when there is nothing to read in it */
export async function checkPrivateFile(file: File): Promise<PrivateFile> {
  if (file.size === 0) throw emptyFile(file.name);
  const problem = await checkCaptureFile({ name: file.name, open: () => chunksOf(file) });
  if (problem !== undefined) throw problem;
  const importable = isImportable(await bytesOf(file, 0, HEAD_BYTES));
  return { id: await identityOf(file), name: captureName(file.name), file, importable };
}

/** What came before the reading of a capture's bytes. */
export interface PrivateBytes {
  readonly bytes: Blob;
  /** What of a packet capture could not be read, one sentence each. */
  readonly damage: readonly string[];
}

/**
 * A file's bytes as a capture: those of a capture are left where they are; of another file one is made, as the server does.
 * The browser keeps it, on its own disk when it is large. `onProgress`: told the bytes of the file that were read.
 */
export async function captureBytes(
  { file, name, importable }: PrivateFile,
  onProgress: (position: number) => void,
): Promise<PrivateBytes> {
  if (!importable) return { bytes: file, damage: [] };
  const parts: Blob[] = [];
  const writer = new CaptureWriter((bytes) => parts.push(new Blob([bytes as BlobPart])));
  const { problems } = await importItems(readAnySource(chunksOf(file), name), writer, async (position) =>
    onProgress(position),
  );
  return { bytes: new Blob(parts), damage: problems.map(describeProblem) };
}

/** A file's bytes, in pieces; a failure is told in words. @throws ApiFailure 410 when the file changed */
export async function* chunksOf(blob: Blob): AsyncGenerator<Uint8Array> {
  try {
    yield* streamSource(blob.stream());
  } catch (error) {
    throw inWords(error);
  }
}

/** A byte range, `to` exclusive. @throws ApiFailure 410 when the file changed */
export async function bytesOf(blob: Blob, from: number, to: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(from, to).arrayBuffer());
  } catch (error) {
    throw inWords(error);
  }
}

function inWords(error: unknown): unknown {
  // What a browser says when a file is not as it was when it was chosen.
  if (!(error instanceof DOMException)) return error;
  return new ApiFailure(410, 'file-changed', 'The file has changed since it was chosen, or is gone: choose it again.');
}
