import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { giveWay } from '../host/priority';
import { programFile } from '../host/processes';
import { type CommandEnd, HeldCommand } from './held-command';
import { Recording } from './recording';
import type { RecordingCounts, RecordingOptions } from './recording-options';

/** Time for the answers to the command's last words to be seen. */
const GRACE_MS = 100;
/** A command that was asked to end is left alone after this. */
const END_WAIT_MS = 5_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface RunOptions extends Omit<RecordingOptions, 'onFailure'> {
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly durationSeconds?: number;
}

/** Why a recording came to its end. */
export type EndReason = 'signal' | 'duration' | 'command' | 'failure' | 'aborted';

export interface RunResult {
  readonly reason: EndReason;
  readonly counts: RecordingCounts;
  readonly seconds: number;
  /** How the command ended; absent when there was none, or it runs on. */
  readonly command?: CommandEnd;
  /** What the sink failed with. */
  readonly failure?: unknown;
}

/**
 * Records until a signal comes, the time is over, the command has ended, the sink fails or `abort` says so. A second
 * signal ends the program as it would any other.
 */
export async function runRecording(
  options: RunOptions,
  onBegin: (recording: Recording) => void,
  abort?: Promise<void>,
): Promise<RunResult> {
  // What recording allocates is little and soon forgotten: V8 would give it some 40 MB of room to be forgotten in.
  setFlagsFromString('--semi-space-growth-factor=1');
  const began = performance.now();
  const ends: Promise<EndReason>[] = [];
  const settle = new AbortController();
  let failure: unknown;
  const failed = new Promise<EndReason>((resolve) => {
    const onFailure = (error: unknown) => {
      failure ??= error;
      resolve('failure');
    };
    options = { ...options, ...{ onFailure } };
  });
  const recording = new Recording(options as RecordingOptions);
  ends.push(failed, signalled(settle.signal));
  if (abort !== undefined) ends.push(abort.then(() => 'aborted'));
  const { command: argv } = options.targets;
  const command = argv.length > 0 ? new HeldCommand(argv, options.user) : undefined;
  // Not before: the command would inherit it.
  giveWay();
  if (command !== undefined) {
    recording.addTarget(command.pid, programFile(argv[0]!));
    command.release();
    ends.push(command.ended.then(() => 'command'));
  }
  if (options.durationSeconds !== undefined) {
    const time = sleep(options.durationSeconds * 1000, 'duration' as const, { signal: settle.signal });
    ends.push(time.catch(() => 'duration' as const));
  }
  onBegin(recording);
  const reason = await Promise.race(ends);
  settle.abort();
  const end = command === undefined ? undefined : await endOf(command, reason);
  if (reason === 'command') await sleep(GRACE_MS);
  const counts = await recording.stop();
  return {
    reason,
    counts,
    seconds: (performance.now() - began) / 1000,
    ...(end !== undefined && { command: end }),
    ...(failure !== undefined && { failure }),
  };
}

async function endOf(command: HeldCommand, reason: EndReason): Promise<CommandEnd | undefined> {
  // Ctrl-C in a terminal has reached the command too; asking again does no harm to a program that is ending.
  if (reason !== 'command') command.kill('SIGTERM');
  return Promise.race([command.ended, sleep(END_WAIT_MS, undefined, { ref: false })]);
}

function signalled(over: AbortSignal): Promise<EndReason> {
  return new Promise((resolve) => {
    const onSignal = () => {
      stop();
      resolve('signal');
    };
    const stop = () => {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
    over.addEventListener('abort', stop, { once: true });
  });
}
