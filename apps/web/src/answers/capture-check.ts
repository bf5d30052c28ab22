import {
  type CaptureProblem,
  type ChunkSource,
  describeProblem,
  type FrameCodec,
  isFatal,
  isImportable,
  isPacketFile,
  packetFileProblem,
  readAnySource,
} from '@causeway/replay';
import { ApiFailure } from '../api/failure';

/** Stable words of the API for what makes a file useless. */
const CODES: Record<CaptureProblem['kind'], string> = {
  empty: 'empty-file',
  'not-a-capture': 'not-a-capture',
  'unknown-version': 'unknown-version',
  'unknown-link-type': 'nothing-readable',
  'no-packets': 'nothing-readable',
  'rejected-spans': 'nothing-readable',
  truncated: 'nothing-readable',
  corrupt: 'nothing-readable',
};

/** A file to look into. */
export interface CheckedFile {
  readonly name: string;
  /** Its bytes from the beginning, each time. */
  open(): ChunkSource;
  readonly codec?: FrameCodec;
}

/** What to answer about a file of no bytes. */
export function emptyFile(name: string): ApiFailure {
  return new ApiFailure(
    400,
    'empty-file',
    `${name} is empty: choose a capture that "causeway record" wrote, or a packet capture.`,
  );
}

/**
 * Looks whether a file is a capture or packet capture that can be read, by its first whole frame; damage further on is for
 * whoever reads it to report. Returns what to answer when it is not.
 */
export async function checkCaptureFile(file: CheckedFile): Promise<ApiFailure | undefined> {
  const head = await headOf(file.open());
  const problem = isPacketFile(head) ? await packetFileProblem(file.open()) : await firstObstacle(file, head);
  return problem && new ApiFailure(422, CODES[problem.kind], `${file.name}: ${describeProblem(problem)}`);
}

async function headOf(source: ChunkSource): Promise<Uint8Array> {
  for await (const chunk of source) return chunk;
  return new Uint8Array();
}

async function firstObstacle(
  { name, open, codec }: CheckedFile,
  head: Uint8Array,
): Promise<CaptureProblem | undefined> {
  // Of spans in OTLP the header is made up.
  const named = !isImportable(head);
  let problem: CaptureProblem | undefined;
  for await (const item of readAnySource(open(), name, codec)) {
    if (item.kind === 'events' || item.kind === 'thirdPartySpans' || (named && item.kind === 'header'))
      return undefined;
    if (item.kind !== 'damage') continue;
    if (isFatal(item.problem)) return item.problem;
    problem ??= item.problem;
  }
  return problem;
}
