import type { CaptureFilters } from '@causeway/replay';
import { type ControlGroupFolder, processesIn } from '../host/control-groups';
import { OWN_HELPERS } from '../host/own-helpers';
import { listProcesses, programName, withDescendants } from '../host/processes';
import type { NativeSession } from '../native/native-addon';
import type { EndpointPattern } from './endpoint-filter';
import type { Network } from './network';
import type { PayloadPolicy } from './payload-policy';

/** What to record. Processes are those of any of `pids`, `comms`, `cgroups`, `command`; the others narrow their sockets. */
export interface RecordTargets {
  /** With everything they have started and will start. */
  readonly pids: readonly number[];
  /** Command names or program file names. */
  readonly comms: readonly string[];
  readonly cgroups: readonly ControlGroupFolder[];
  readonly ports: readonly number[];
  readonly excludedPorts: readonly number[];
  readonly networks: readonly Network[];
  /** A program to start. */
  readonly command: readonly string[];
  readonly all: boolean;
}

export const NO_TARGETS: RecordTargets = {
  pids: [],
  comms: [],
  cgroups: [],
  ports: [],
  excludedPorts: [],
  networks: [],
  command: [],
  all: false,
};

export function filtersOf(targets: RecordTargets, policy?: PayloadPolicy): CaptureFilters {
  const { pids, comms, cgroups, ports, excludedPorts, networks, command, all } = targets;
  return {
    ...(pids.length > 0 && { pids }),
    ...(comms.length > 0 && { comms }),
    ...(cgroups.length > 0 && { cgroups: cgroups.map(({ path }) => path) }),
    ...(ports.length > 0 && { ports }),
    ...(excludedPorts.length > 0 && { excludedPorts }),
    ...(policy !== undefined && policy.protocols.length > 0 && { protocols: policy.protocols }),
    ...texts('endpoints', policy?.endpoints?.only),
    ...texts('excludedEndpoints', policy?.endpoints?.excluded),
    ...(networks.length > 0 && { networks: networks.map(({ text }) => text) }),
    ...(command.length > 0 && { command: policy?.redactor?.text(command.join(' ')).split(' ') ?? command }),
    ...(all && { all }),
  };
}

function texts(name: 'endpoints' | 'excludedEndpoints', patterns: readonly EndpointPattern[] = []): CaptureFilters {
  return patterns.length > 0 ? { [name]: patterns.map(({ text }) => text) } : {};
}

/** Nothing, or only something to leave out, is no target: recording all of a host must be asked for. */
export function hasTarget(targets: RecordTargets): boolean {
  return namesProcesses(targets) || targets.all || targets.ports.length + targets.networks.length > 0;
}

/** Ports and networks alone choose among the sockets of all processes. */
export function isForAllProcesses(targets: RecordTargets): boolean {
  return targets.all || !namesProcesses(targets);
}

function namesProcesses({ pids, comms, cgroups, command }: RecordTargets): boolean {
  return pids.length + comms.length + cgroups.length + command.length > 0;
}

/** The kernel keeps 15 bytes of a command name. */
export function keptComm(name: string): string {
  return Buffer.from(name).subarray(0, 15).toString();
}

/**
 * Tells the kernel programs which running processes are recorded: those that are asked for, or all but our helpers. Call it
 * after `start`: what begins in between, the kernel programs catch.
 */
export function chooseRunning(session: NativeSession, targets: RecordTargets): void {
  for (const pid of OWN_HELPERS) session.setTarget(pid, false);
  if (isForAllProcesses(targets)) return;
  const processes = listProcesses();
  const wanted = new Set(targets.comms.map(keptComm));
  const named = processes.filter(
    ({ pid, comm }) => wanted.size > 0 && (wanted.has(comm) || wanted.has(keptComm(programName(pid)))),
  );
  const roots = [...targets.pids, ...named.map(({ pid }) => pid), ...targets.cgroups.flatMap(processesIn)];
  const ours = new Set([process.pid, ...OWN_HELPERS]);
  for (const pid of withDescendants(roots, processes, ours)) session.setTarget(pid, true);
}
