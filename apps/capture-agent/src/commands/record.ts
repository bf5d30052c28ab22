import { CaptureFile } from '../record/capture-file';
import { type RunResult, runRecording } from '../record/recording-run';
import { byteText, countText, plural, StatusLine } from './status-line';
import { accountOf, type TargetOptions, targetsOf } from './target-options';
import { reasonOf, UserError } from './user-error';

export interface RecordOptions extends TargetOptions {
  readonly output: string;
}

const FLUSH_MS = 500;

function openFile(path: string): CaptureFile {
  try {
    return new CaptureFile(path);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${reasonOf(error)}.`, 1);
  }
}

/** `causeway record`: to a file. Returns the exit status. */
export async function record(options: RecordOptions, command: readonly string[]): Promise<number> {
  const targets = targetsOf(options, command);
  const user = accountOf(options.user);
  const file = openFile(options.output);
  let status: StatusLine | undefined;
  let result: RunResult;
  try {
    result = await runRecording(
      {
        targets,
        payloadLimit: options.payload,
        flushMs: FLUSH_MS,
        sink: (bytes) => file.write(bytes),
        ...(user !== undefined && { user }),
        ...(options.duration !== undefined && { durationSeconds: options.duration }),
      },
      (recording) => {
        const began = performance.now();
        let [lastEvents, lastTime] = [0, began];
        const text = () => {
          const { events, ringDrops, bytes } = recording.counts();
          const now = performance.now();
          const rate = (events - lastEvents) / Math.max((now - lastTime) / 1000, 0.001);
          [lastEvents, lastTime] = [events, now];
          const parts = [`${((now - began) / 1000).toFixed(1)} s`, `${plural(events, 'event')} (${countText(rate)}/s)`];
          return `Recording: ${[...parts, `${countText(ringDrops)} dropped`, byteText(bytes)].join(' · ')}`;
        };
        const toEnd = command.length > 0 ? 'the command ends' : 'Ctrl-C';
        process.stderr.write(`Recording to ${options.output}${options.duration ? '' : ` until ${toEnd}`}.\n`);
        status = new StatusLine(text, process.stderr.isTTY === true && command.length === 0);
      },
    );
  } finally {
    status?.end();
    file.close();
  }
  process.stderr.write(`${summary(options.output, result).join('\n')}\n`);
  return result.failure === undefined ? 0 : 1;
}

function summary(path: string, { counts, seconds, command, failure, reason }: RunResult): string[] {
  const lines: string[] = [];
  if (command !== undefined) lines.push(`The command ended with ${commandEnd(command)}.`);
  else if (reason !== 'command' && reason !== 'failure') lines.push('Recording ended.');
  lines.push(
    `Recorded ${plural(counts.events, 'event')} in ${seconds.toFixed(1)} s, ${byteText(counts.bytes)}: ${path}`,
  );
  if (counts.ringDrops > 0) {
    lines.push(`${plural(counts.ringDrops, 'event')} came faster than they could be taken and are missing.`);
  }
  if (failure !== undefined) {
    lines.push(
      `Writing failed: ${reasonOf(failure)}. What was written before can be read; free some space and record again.`,
    );
  }
  lines.push(
    counts.events === 0
      ? 'Nothing was seen: the programs used no TCP or UDP socket in this time, or others than the ones chosen did.'
      : `Next: \`npx causeway replay ${path}\` prints its traces; \`npm start\` opens the workbench, drop the file on its page.`,
  );
  return lines;
}

function commandEnd({ status, signal }: NonNullable<RunResult['command']>): string {
  return signal === null ? `status ${status}` : `signal ${signal}`;
}
