import { readFileSync, readlinkSync, statSync } from 'node:fs';

/** A file that a process has in its memory as code. */
export interface MappedFile {
  /** As the process names it. */
  readonly name: string;
  /** By which the agent can open it, also when the process lives in a container. */
  readonly path: string;
  /** Device, inode and time of the last change. */
  readonly id: string;
  /** It is what the process executes. */
  readonly isProgram: boolean;
}

/** The program of a process and its libraries, each once; nothing when the process is gone. */
export function mappedFiles(pid: number): MappedFile[] {
  let maps: string;
  let program: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
    program = readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return [];
  }
  const files = new Map<string, MappedFile>();
  for (const line of maps.split('\n')) {
    // start-end perms offset device inode path
    const [, name] = /^\S+ ..x. \S+ \S+ \d+ +(\/.*)$/.exec(line) ?? [];
    if (name === undefined || files.has(name)) continue;
    const isProgram = name === program;
    const file = fileAt(name, isProgram ? `/proc/${pid}/exe` : `/proc/${pid}/root${name}`, isProgram);
    if (file !== undefined) files.set(name, file);
  }
  return [...files.values()];
}

/** A file as the process sees it. */
export function fileOf(pid: number, name: string): MappedFile | undefined {
  return fileAt(name, `/proc/${pid}/root${name}`, false);
}

function fileAt(name: string, path: string, isProgram: boolean): MappedFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && { name, path, isProgram, id: `${stat.dev}:${stat.ino}:${stat.mtimeNs}` };
}
