import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { processEntry } from '../host/processes';
import { MAX_PAYLOAD_LIMIT } from '../record/raw-event';
import { filtersOf, hasTarget, type RecordTargets } from '../record/targets';
import { durationSeconds, integer } from './quantities';
import { UserError } from './user-error';

/** Options that `record` and `stream` share, as commander gives them. */
export interface TargetOptions {
  readonly pid: readonly number[];
  readonly comm: readonly string[];
  readonly port: readonly number[];
  readonly payload: number;
  readonly duration?: number;
  readonly all?: boolean;
  readonly user?: string;
}

const DEFAULT_PAYLOAD = 1024;
const MAX_COMMS = 16;

const pid = integer(1, 4_194_303);
const port = integer(1, 65_535);

/** `--pid 1 2 --pid 3`: each value is added to those before. */
export function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[]): readonly Value[] => [...before, parse(text)];
}

export function addTargetOptions(command: Command): Command {
  return command
    .option('--pid <pids...>', 'record these processes and what they start', collect(pid), [])
    .option('--comm <names...>', 'record programs of these names, running or started later', collect(String), [])
    .option('--port <ports...>', 'record only sockets with one of these ports at either end', collect(port), [])
    .option('--payload <bytes>', 'bytes kept of each call', integer(0, MAX_PAYLOAD_LIMIT), DEFAULT_PAYLOAD)
    .option('--duration <time>', 'end after this time, e.g. 60 or 5m', durationSeconds)
    .option('--all', 'record every process of the host')
    .option('--user <name>', 'run COMMAND as this user')
    .argument('[command...]', 'program to start and record, after --');
}

/** Throws `UserError` when nothing, or something that is not there, is asked for. */
export function targetsOf(options: TargetOptions, command: readonly string[]): RecordTargets {
  const { pid: pids, comm: comms, port: ports, all = false } = options;
  const targets = { pids, comms, ports, command, all };
  if (!hasTarget(targets)) {
    throw new UserError(
      'Say what to record: --pid, --comm, --port or a command after --; or --all for every process of this host.',
      2,
    );
  }
  if (comms.length > MAX_COMMS) throw new UserError(`At most ${MAX_COMMS} names can be given with --comm.`, 2);
  const missing = pids.find((each) => processEntry(each) === undefined);
  if (missing !== undefined) throw new UserError(`There is no process ${missing}.`, 2);
  if (pids.includes(process.pid)) throw new UserError('The recorder does not record itself.', 2);
  return targets;
}

/** Numbers of the user to run the command as. */
export function accountOf(name: string | undefined): { readonly uid: number; readonly gid: number } | undefined {
  if (name === undefined) return undefined;
  const [uid, gid] = ['-u', '-g'].map((which) => {
    const { status, stdout } = spawnSync('id', [which, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  if (uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid)) {
    throw new UserError(`There is no user ${name} on this host.`, 2);
  }
  return { uid, gid };
}

/** What is recorded, in words. */
export function nameOf(targets: RecordTargets): string {
  const { command = [], comms = [], pids = [], ports = [] } = filtersOf(targets);
  const parts = [
    command.join(' '),
    ...comms,
    ...pids.map((pid) => `pid ${pid}`),
    ...ports.map((port) => `port ${port}`),
  ];
  return `${parts.filter((part) => part !== '').join(', ') || 'all processes'} on ${hostname()}`.slice(0, 200);
}
