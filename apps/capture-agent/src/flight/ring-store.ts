import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../host/state-folder';
import { SEGMENT_SUFFIX } from './flight-ring';

/** What a flight recorder says about itself in its ring's folder. */
export interface RingSession {
  readonly pid: number;
  /** What it records, in words. */
  readonly name: string;
  /** Where dumps go that name no file. */
  readonly output: string;
  /** ISO 8601. */
  readonly started: string;
}

const SESSION = 'session.json';
const SOCKET = 'control.sock';

export interface RingFolder {
  readonly folder: string;
  readonly session: RingSession;
  /** False = its agent was killed; what it held is still there. */
  readonly running: boolean;
}

export function ringRoot(): string {
  return stateFolder('ring');
}

export function controlSocket(folder: string): string {
  return join(folder, SOCKET);
}

export function writeSession(folder: string, session: RingSession): void {
  writeFileSync(join(folder, SESSION), JSON.stringify(session), { mode: 0o600 });
}

/** Flight recorders of this host, running ones first. */
export function ringFolders(root = ringRoot()): readonly RingFolder[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((name): RingFolder[] => {
      const folder = join(root, name);
      const session = readSession(folder);
      return session === undefined ? [] : [{ folder, session, running: existsSync(`/proc/${session.pid}`) }];
    })
    .sort((a, b) => Number(b.running) - Number(a.running));
}

/** The files of a ring, oldest first. */
export function segmentPaths(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SEGMENT_SUFFIX))
    .sort()
    .map((name) => join(folder, name));
}

export function removeRing(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function readSession(folder: string): RingSession | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, SESSION), 'utf8')) as RingSession;
  } catch {
    return undefined;
  }
}
