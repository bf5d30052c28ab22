import {
  type CaptureProblem,
  CaptureReader,
  type ChunkSource,
  describeProblem,
  type FrameCodec,
  isFatal,
  packetFileProblem,
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
  readonly source: ChunkSource;
  /** Is pcap, pcapng or OTLP, by its first bytes. */
  readonly importable: boolean;
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
export async function checkCaptureFile({
  name,
  source,
  importable,
  codec,
}: CheckedFile): Promise<ApiFailure | undefined> {
  const problem = importable ? await packetFileProblem(source) : await firstObstacle(source, codec);
  return problem && new ApiFailure(422, CODES[problem.kind], `${name}: ${describeProblem(problem)}`);
}

async function firstObstacle(source: ChunkSource, codec?: FrameCodec): Promise<CaptureProblem | undefined> {
  const reader = new CaptureReader(codec);
  let problem: CaptureProblem | undefined;
  const readable = (items: ReturnType<CaptureReader['push']>): boolean => {
    for (const item of items) {
      if (item.kind === 'header' || item.kind === 'events' || item.kind === 'thirdPartySpans') return true;
      if (item.kind !== 'damage') continue;
      problem = isFatal(item.problem) ? item.problem : (problem ?? item.problem);
    }
    return false;
  };
  for await (const chunk of source) {
    if (readable(reader.push(chunk))) return undefined;
    if (problem !== undefined && isFatal(problem)) return problem;
  }
  return readable(reader.end()) ? undefined : problem;
}
