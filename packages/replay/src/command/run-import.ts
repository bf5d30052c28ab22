import { open, stat } from 'node:fs/promises';
import { fileSource } from '../file/file-source';
import { nodeCodec } from '../file/node-codec';
import type { CaptureItem } from '../format/capture-reader';
import { CaptureWriter } from '../format/capture-writer';
import { countSpans } from '../report/capture-summary';
import { countOf } from '../report/time-text';
import { isImportable } from '../source/any-source';
import { type CommandStreams, type ExitStatus, LineOutput } from './output';
import { readFiles } from './read-files';

export interface ImportOptions extends CommandStreams {
  /** Capture file to write; one that is there is replaced. */
  readonly output: string;
}

/** Captures hold what programs said to each other: for their owner only. */
const PRIVATE = 0o600;

/** `causeway import`: writes a packet capture, or spans in OTLP, as a Causeway capture. What can be read of a damaged one is written. */
export async function runImport(path: string, options: ImportOptions): Promise<ExitStatus> {
  const errors = new LineOutput(options.stderr ?? process.stderr);
  try {
    const refusal = await refuse(path, options.output);
    if (refusal !== undefined) {
      errors.line(`causeway: ${path}: ${refusal}`);
      return 2;
    }
    return await writeCapture(path, options.output, errors);
  } finally {
    await errors.end();
  }
}

/** Why nothing is to be written; a file that cannot be opened is told by whoever reads it. */
async function refuse(path: string, output: string): Promise<string | undefined> {
  const [from, to] = await Promise.all([path, output].map((name) => stat(name).catch(() => undefined)));
  if (from === undefined || from.isDirectory()) return undefined;
  if (from.ino === to?.ino && from.dev === to.dev) return 'the capture would replace the file that it is made of';
  for await (const chunk of fileSource(path)) {
    return isImportable(chunk) ? undefined : 'this is neither pcap, nor pcapng, nor spans in OTLP (JSON or protobuf)';
  }
  return 'the file is empty';
}

async function writeCapture(path: string, output: string, errors: LineOutput): Promise<ExitStatus> {
  const pieces: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => pieces.push(bytes), { codec: nodeCodec, compress: true });
  let file: Awaited<ReturnType<typeof open>> | undefined;
  let [events, spans] = [0, 0];
  const save = async () => {
    for (const piece of pieces.splice(0)) await file!.writeFile(piece);
  };
  try {
    const status = await readFiles([path], errors, async (item) => {
      file ??= await open(output, 'w', PRIVATE);
      writeItem(writer, item);
      if (item.kind === 'events') events += item.block.count;
      if (item.kind === 'thirdPartySpans') spans += countSpans(item.spans);
      await save();
      return undefined;
    });
    if (file === undefined) return status;
    writer.end();
    await save();
    errors.line(`causeway: ${spans > 0 ? countOf(spans, 'span') : countOf(events, 'event')} written to ${output}`);
    return status;
  } catch (error) {
    errors.line(`causeway: ${(error as Error).message}`);
    return 2;
  } finally {
    await file?.close();
  }
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
