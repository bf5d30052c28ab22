import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** A process as `/proc` tells it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly comm: string;
}

/** Reads one file of a process; `undefined` when it has ended meanwhile. */
function procText(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

export function processEntry(pid: number): ProcessEntry | undefined {
  const stat = procText(pid, 'stat');
  if (stat === undefined) return undefined;
  // `pid (comm) state ppid …`, where comm may hold anything, brackets included.
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
  const parentPid = Number(stat.slice(close + 2).split(' ')[1]);
  return { pid, parentPid, comm: stat.slice(open + 1, close) };
}

export function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processEntry(Number(name)) ?? []);
}

/** Arguments joined by blanks; empty for kernel threads. */
export function commandLine(pid: number): string {
  return (procText(pid, 'cmdline') ?? '').split('\0').join(' ').trim();
}

/** The program's file name without its folder; empty when it cannot be told. */
export function programName(pid: number): string {
  return basename(linkOf(`/proc/${pid}/exe`));
}

/** The given processes and everything they have started that still runs; neither `except` nor what only those started. */
export function withDescendants(
  pids: readonly number[],
  processes: readonly ProcessEntry[],
  except: ReadonlySet<number> = new Set(),
): Set<number> {
  const children = new Map<number, number[]>();
  for (const { pid, parentPid } of processes) children.set(parentPid, [...(children.get(parentPid) ?? []), pid]);
  const found = new Set<number>();
  const open = [...pids];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (found.has(pid) || except.has(pid)) continue;
    found.add(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** The file that a shell would execute for this name. */
export function programFile(name: string): string | undefined {
  if (name.includes('/')) return resolve(name);
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What a symbolic link says; empty when it cannot be told. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Whether a process waits for events with epoll. Yes when it may not be asked (CAP_SYS_PTRACE); no when it is gone. */
export function usesEventPoll(pid: number): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => linkOf(join(folder, fd)) === 'anon_inode:[eventpoll]');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
