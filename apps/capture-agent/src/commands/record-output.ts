import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { CaptureSink } from '@causeway/replay';
import { FlightRecorder } from '../flight/flight-recorder';
import { parseTrigger } from '../flight/trigger';
import { rotatingOutput } from '../output/rotation';
import { CaptureFile } from '../record/capture-file';
import type { Recording } from '../record/recording';
import type { RunResult } from '../record/recording-run';
import type { RecordTargets } from '../record/targets';
import { byteText, plural } from './status-line';
import { nameOf } from './target-options';
import { reasonOf, UserError } from './user-error';

/** As commander gives them. */
export interface OutputOptions {
  readonly output: string;
  /** Bytes and seconds. */
  readonly rotateSize?: number;
  readonly rotateTime?: number;
  readonly keep?: number;
  /** Seconds and bytes. */
  readonly ring?: number;
  readonly ringSize: number;
  readonly ringFolder?: string;
  readonly dumpOn: readonly string[];
  /** Modules of the user's own, for triggers. */
  readonly protocol?: readonly string[];
  readonly dumpAfter: number;
  readonly dumpEvery: number;
}

/** Where the bytes of a recording go. */
export interface RecordOutput {
  readonly sink: CaptureSink;
  /** In words, for "Recording to …". */
  readonly place: string;
  begin(recording: Recording): void;
  /** Closes everything; without a result the recording never began. */
  end(result: RunResult | undefined): Promise<void>;
  /** For the status line, where the count of bytes says too little. */
  size?(): string;
  /** What there is to be replayed now; nothing when no file was written. */
  result(): string | undefined;
}

const EXIT = 'exit';

/** Each value of `--dump-on`, added to those before. Throws `InvalidArgumentError`. */
export function dumpReason(text: string, before: readonly string[]): readonly string[] {
  if (text !== EXIT) parseTrigger(text);
  return [...before, text];
}

/** Throws `UserError` when options do not go together or the place cannot be written. */
export function openOutput(options: OutputOptions, targets: RecordTargets, say: (text: string) => void): RecordOutput {
  const { output, rotateSize, rotateTime, keep, ring, dumpOn } = options;
  const rotates = rotateSize !== undefined || rotateTime !== undefined;
  if (keep !== undefined && !rotates && ring === undefined)
    throw new UserError('--keep needs --rotate-size, --rotate-time or --ring.', 2);
  if (ring !== undefined && rotates)
    throw new UserError('--ring keeps the last minutes by itself: leave --rotate-… out.', 2);
  if (ring === undefined && dumpOn.length > 0)
    throw new UserError('--dump-on needs a flight recorder: add --ring 5m.', 2);
  try {
    if (ring !== undefined) return flightOutput(options, ring, targets, say);
    const first = rotates ? rotated(options) : single(output);
    mustBeWritable(first.file);
    return first.output;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${output} cannot be written: ${reasonOf(error)}.`, 1);
  }
}

interface FirstFile {
  readonly file: string;
  readonly output: RecordOutput;
}

function single(path: string): FirstFile {
  const file = new CaptureFile(path);
  const output: RecordOutput = {
    sink: (bytes) => file.write(bytes),
    place: path,
    begin() {},
    async end(result) {
      if (result === undefined) file.discard();
      else file.close();
    },
    result: () => path,
  };
  return { file: path, output };
}

function rotated({ output: path, rotateSize, rotateTime, keep }: OutputOptions): FirstFile {
  const output = rotatingOutput(path, {
    ...(rotateSize !== undefined && { bytes: rotateSize }),
    ...(rotateTime !== undefined && { seconds: rotateTime }),
    ...(keep !== undefined && { keep }),
  });
  const paths = () => output.segments.map((segment) => segment.path);
  const file = paths()[0]!;
  const recordOutput: RecordOutput = {
    sink: output.sink,
    place: `${file} and on`,
    begin: (recording) => output.begin(recording),
    async end(result) {
      if (result === undefined) output.discard();
      else await output.close();
    },
    size: () => {
      const bytes = output.segments.reduce((sum, segment) => sum + segment.bytes, 0);
      return `${byteText(bytes)} in ${plural(output.segments.length, 'file')}`;
    },
    result: () => paths().join(' '),
  };
  return { file, output: recordOutput };
}

function flightOutput(
  options: OutputOptions,
  seconds: number,
  targets: RecordTargets,
  say: (text: string) => void,
): RecordOutput {
  const { output, keep, ringSize, ringFolder, dumpOn, dumpAfter, dumpEvery } = options;
  mustBeFolder(dirname(resolve(output)));
  const flight = new FlightRecorder({
    seconds,
    bytes: ringSize,
    output,
    name: nameOf(targets),
    triggers: dumpOn.filter((reason) => reason !== EXIT),
    protocols: options.protocol ?? [],
    secondsAfter: dumpAfter,
    secondsBetween: dumpEvery,
    say,
    ...(keep !== undefined && { keep }),
    ...(ringFolder !== undefined && { root: resolve(ringFolder) }),
  });
  return {
    sink: flight.sink,
    place: `a ring of the last ${seconds} s (\`causeway dump --pid ${process.pid}\` writes it)`,
    begin: (recording) => {
      flight
        .begin(recording)
        .catch((error) => say(`\`causeway dump\` will not work: ${reasonOf(error)}; SIGUSR1 does.`));
    },
    end: (result) => flight.end(result !== undefined && dumpOn.includes(EXIT)),
    size: () => {
      const { bytes, seconds: age } = flight.ring.held;
      return `the last ${age.toFixed(0)} s held, ${byteText(bytes)} · ${plural(flight.dumps, 'dump')}`;
    },
    result: () => flight.lastDump,
  };
}

/** Throws what `open` would throw later, when the recording has been loaded. */
function mustBeWritable(path: string): void {
  if (!existsSync(path)) accessSync(`${dirname(resolve(path))}/.`, constants.W_OK | constants.X_OK);
  else if (statSync(path).isDirectory()) throw new UserError(`${path} cannot be written: it is a folder.`, 1);
  else accessSync(path, constants.W_OK);
}

/** A place that cannot be written is found out now, not when the dump is wanted. */
function mustBeFolder(folder: string): void {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError(`There is no folder ${basename(folder) === '' ? '/' : folder} to write dumps to.`, 2);
  }
}
