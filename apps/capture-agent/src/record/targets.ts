import type { CaptureFilters } from '@causeway/replay';
import { listProcesses, programName, withDescendants } from '../host/processes';
import type { NativeSession } from '../native/native-addon';
import type { Redactor } from '../redact/redactor';

/** What to record. Processes are those of any of the first four; `ports` narrows them. */
export interface RecordTargets {
  /** With everything they have started and will start. */
  readonly pids: readonly number[];
  /** Command names or program file names. */
  readonly comms: readonly string[];
  readonly ports: readonly number[];
  /** A program to start. */
  readonly command: readonly string[];
  readonly all: boolean;
}

export function filtersOf({ pids, comms, ports, command, all }: RecordTargets, redactor?: Redactor): CaptureFilters {
  return {
    ...(pids.length > 0 && { pids }),
    ...(comms.length > 0 && { comms }),
    ...(ports.length > 0 && { ports }),
    ...(command.length > 0 && { command: redactor?.text(command.join(' ')).split(' ') ?? command }),
    ...(all && { all }),
  };
}

export function hasTarget({ pids, comms, ports, command, all }: RecordTargets): boolean {
  return all || pids.length + comms.length + ports.length + command.length > 0;
}

/** Ports alone choose among the sockets of all processes. */
export function isForAllProcesses({ pids, comms, command, all }: RecordTargets): boolean {
  return all || pids.length + comms.length + command.length === 0;
}

/** The kernel keeps 15 bytes of a command name. */
export function keptComm(name: string): string {
  return Buffer.from(name).subarray(0, 15).toString();
}

/**
 * Marks the running processes that are asked for. Call it after `start`: what begins in between, the kernel programs
 * catch. Returns how many there are.
 */
export function markRunning(session: NativeSession, targets: RecordTargets): number {
  const processes = listProcesses();
  const wanted = new Set(targets.comms.map(keptComm));
  const named = processes.filter(
    ({ pid, comm }) => wanted.size > 0 && (wanted.has(comm) || wanted.has(keptComm(programName(pid)))),
  );
  const chosen = withDescendants([...targets.pids, ...named.map(({ pid }) => pid)], processes);
  chosen.delete(process.pid);
  for (const pid of chosen) session.addTarget(pid);
  return chosen.size;
}
