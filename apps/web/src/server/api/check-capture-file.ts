import { createReadStream } from 'node:fs';
import { type CaptureProblem, CaptureReader, describeProblem, isFatal, packetFileProblem } from '@causeway/replay';
import { isImportableAt, nodeCodec } from '@causeway/replay/node';
import { ApiFailure } from '../http/failure';

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

/**
 * Looks whether a file is a capture or packet capture that can be read, by its first whole frame; damage further on is for
 * ingest to report. Returns what to answer when it is not.
 */
export async function checkCaptureFile(path: string, name: string): Promise<ApiFailure | undefined> {
  const packets = await isImportableAt(path);
  const problem = packets ? await packetFileProblem(createReadStream(path)) : await firstObstacle(path);
  return problem && new ApiFailure(422, CODES[problem.kind], `${name}: ${describeProblem(problem)}`);
}

async function firstObstacle(path: string): Promise<CaptureProblem | undefined> {
  const reader = new CaptureReader(nodeCodec);
  let problem: CaptureProblem | undefined;
  const readable = (items: ReturnType<CaptureReader['push']>): boolean => {
    for (const item of items) {
      if (item.kind === 'header' || item.kind === 'events' || item.kind === 'thirdPartySpans') return true;
      if (item.kind !== 'damage') continue;
      problem = isFatal(item.problem) ? item.problem : (problem ?? item.problem);
    }
    return false;
  };
  for await (const chunk of createReadStream(path)) {
    if (readable(reader.push(chunk))) return undefined;
    if (problem !== undefined && isFatal(problem)) return problem;
  }
  return readable(reader.end()) ? undefined : problem;
}
