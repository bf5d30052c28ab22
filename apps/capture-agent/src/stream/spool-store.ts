import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveHello } from '@causeway/replay';
import { stateFolder } from '../host/state-folder';

/** What a spool folder says about itself, so that a later run can send what this one could not. */
export interface SpoolSession {
  /** The server's origin. */
  readonly origin: string;
  /** Of the agent that fills the spool. */
  readonly pid: number;
  readonly hello: Omit<LiveHello, 'type' | 'protocol'>;
}

const SESSION = 'session.json';

export function defaultSpoolRoot(): string {
  return stateFolder('spool');
}

/** Makes the folder of a new capture and returns it. */
export function createSpoolFolder(root: string, session: SpoolSession): string {
  const folder = join(root, session.hello.captureId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, SESSION), JSON.stringify(session), { mode: 0o600 });
  return folder;
}

export function removeSpoolFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Captures for this server whose agent ended before all was sent. */
export function leftSpools(
  root: string,
  origin: string,
): { readonly folder: string; readonly session: SpoolSession }[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((name) => {
    const folder = join(root, name);
    const session = readSession(folder);
    return session !== undefined && session.origin === origin && !isRunning(session.pid) ? [{ folder, session }] : [];
  });
}

function readSession(folder: string): SpoolSession | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, SESSION), 'utf8')) as SpoolSession;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
