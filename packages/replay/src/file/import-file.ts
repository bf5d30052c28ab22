import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { CaptureWriter } from '../format/capture-writer';
import { isImportable, readAnySource } from '../source/any-source';
import { type Imported, importItems } from '../source/import-items';
import { fileSource } from './file-source';
import { nodeCodec } from './node-codec';

/** Captures hold what programs said to each other: for their owner only. */
const PRIVATE = 0o600;

export interface ImportFileOptions {
  /** For packets whose interface is not named. Default: the file's name. */
  readonly name?: string;
  /** Called as it goes on, with the bytes of the file that were read. May throw to stop. */
  onProgress?(position: number): void | Promise<void>;
}

/** Whether a file is pcap, pcapng or spans in OTLP, by its first bytes. Throws the system's error. */
export async function isImportableAt(path: string): Promise<boolean> {
  for await (const chunk of fileSource(path)) return isImportable(chunk);
  return false;
}

/**
 * Writes a packet file, or spans in OTLP, as a Causeway capture; one that is there is replaced. What can be read of a damaged one is
 * written. Throws the system's error, and leaves what was written so far.
 */
export async function importFile(
  from: string,
  to: string,
  { name = basename(from), onProgress }: ImportFileOptions = {},
): Promise<Imported> {
  const pieces: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => pieces.push(bytes), { codec: nodeCodec, compress: true });
  const file = await open(to, 'w', PRIVATE);
  try {
    const imported = await importItems(readAnySource(fileSource(from), name, nodeCodec), writer, async (position) => {
      await save(file, pieces);
      await onProgress?.(position);
    });
    await save(file, pieces);
    await file.sync();
    return imported;
  } finally {
    await file.close();
  }
}

async function save(file: FileHandle, pieces: Uint8Array[]): Promise<void> {
  for (const piece of pieces.splice(0)) await file.writeFile(piece);
}
