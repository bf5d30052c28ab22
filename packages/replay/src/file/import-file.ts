import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CaptureProblem } from '../format/capture-problem';
import type { CaptureItem } from '../format/capture-reader';
import { CaptureWriter } from '../format/capture-writer';
import { countSpans } from '../report/capture-summary';
import { isImportable, readAnySource } from '../source/any-source';
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

export interface ImportedFile {
  readonly events: number;
  /** Reported by applications. */
  readonly spans: number;
  /** What of the file could not be read. */
  readonly problems: readonly CaptureProblem[];
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
): Promise<ImportedFile> {
  const pieces: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => pieces.push(bytes), { codec: nodeCodec, compress: true });
  const problems: CaptureProblem[] = [];
  let [events, spans] = [0, 0];
  const file = await open(to, 'w', PRIVATE);
  try {
    for await (const item of readAnySource(fileSource(from), name, nodeCodec)) {
      if (item.kind === 'damage') problems.push(item.problem);
      if (item.kind === 'events') events += item.block.count;
      if (item.kind === 'thirdPartySpans') spans += countSpans(item.spans);
      writeItem(writer, item);
      await save(file, pieces);
      await onProgress?.(item.to);
    }
    writer.end();
    await save(file, pieces);
    await file.sync();
  } finally {
    await file.close();
  }
  return { events, spans, problems };
}

async function save(file: FileHandle, pieces: Uint8Array[]): Promise<void> {
  for (const piece of pieces.splice(0)) await file.writeFile(piece);
}

function writeItem(writer: CaptureWriter, item: CaptureItem): void {
  switch (item.kind) {
    case 'header':
      writer.writeHeader(item.header);
      break;
    case 'events':
      writer.writeEvents(item.block.raw);
      break;
    case 'thirdPartySpans':
      writer.writeThirdPartySpans(item.spans);
      break;
    case 'loss':
      writer.writeLoss(item.loss);
      break;
    default:
      // These sources give nothing else but damage, which is told.
      break;
  }
}
