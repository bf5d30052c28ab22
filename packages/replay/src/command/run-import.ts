import { stat } from 'node:fs/promises';
import { fileSource } from '../file/file-source';
import { importFile } from '../file/import-file';
import { countOf } from '../report/time-text';
import { isImportable } from '../source/any-source';
import { type CommandStreams, type ExitStatus, LineOutput } from './output';
import { cannotOpen, tellProblems } from './read-files';

export interface ImportOptions extends CommandStreams {
  /** Capture file to write; one that is there is replaced. */
  readonly output: string;
}

/** `causeway import`: writes a packet capture, or spans in OTLP, as a Causeway capture. What can be read of a damaged one is written. */
export async function runImport(path: string, { output, stderr }: ImportOptions): Promise<ExitStatus> {
  const errors = new LineOutput(stderr ?? process.stderr);
  try {
    const refusal = (await cannotOpen(path)) ?? (await refuse(path, output));
    if (refusal !== undefined) {
      errors.line(`causeway: ${path}: ${refusal}`);
      return 2;
    }
    const { events, spans, problems } = await importFile(path, output);
    tellProblems(path, problems, errors);
    errors.line(`causeway: ${spans > 0 ? countOf(spans, 'span') : countOf(events, 'event')} written to ${output}`);
    return problems.length > 0 ? 1 : 0;
  } catch (error) {
    errors.line(`causeway: ${(error as Error).message}`);
    return 2;
  } finally {
    await errors.end();
  }
}

/** Why nothing is to be written. */
async function refuse(path: string, output: string): Promise<string | undefined> {
  const [from, to] = await Promise.all([path, output].map((name) => stat(name).catch(() => undefined)));
  if (from !== undefined && from.ino === to?.ino && from.dev === to.dev) {
    return 'the capture would replace the file that it is made of';
  }
  for await (const chunk of fileSource(path)) {
    return isImportable(chunk) ? undefined : 'this is neither pcap, nor pcapng, nor spans in OTLP (JSON or protobuf)';
  }
  return 'the file is empty';
}
