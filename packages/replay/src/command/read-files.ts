import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileSource } from '../file/file-source';
import { nodeCodec } from '../file/node-codec';
import { type CaptureProblem, describeProblem } from '../format/capture-problem';
import type { CaptureItem } from '../format/capture-reader';
import { readAnySource } from '../source/any-source';
import type { ExitStatus, LineOutput } from './output';

/** At most so many problems of a file are told one by one. */
const MAX_TOLD = 20;

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder, not a capture',
};

/**
 * Gives all items of the files, captures and packet captures, one file after the other, to `take`, until that says `stop`; tells problems on `errors`.
 */
export async function readFiles(
  paths: readonly string[],
  errors: LineOutput,
  take: (item: CaptureItem) => 'stop' | undefined | Promise<'stop' | undefined>,
): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  for (const path of paths) {
    const refusal = await cannotOpen(path);
    if (refusal !== undefined) {
      errors.line(`causeway: ${path}: ${refusal}`);
      await errors.flush();
      return 2;
    }
  }
  for (const path of paths) {
    const problems: CaptureProblem[] = [];
    for await (const item of readAnySource(fileSource(path), basename(path), nodeCodec)) {
      if (item.kind === 'damage') problems.push(item.problem);
      if ((await take(item)) === 'stop') return status;
    }
    tellProblems(path, problems, errors);
    if (problems.length > 0) status = 1;
    await errors.flush();
  }
  return status;
}

export function tellProblems(path: string, problems: readonly CaptureProblem[], errors: LineOutput): void {
  for (const problem of problems.slice(0, MAX_TOLD)) errors.line(`causeway: ${path}: ${describeProblem(problem)}`);
  if (problems.length > MAX_TOLD) errors.line(`causeway: ${path}: … and ${problems.length - MAX_TOLD} more`);
}

/** Why a file cannot be opened, in words; nothing is written before all of them can. */
export async function cannotOpen(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? SYSTEM_ERRORS.EISDIR : undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return SYSTEM_ERRORS[code ?? ''] ?? message;
  }
}
