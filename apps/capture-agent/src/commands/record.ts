import { GO_TEXT } from '../probes/go';
import { tlsText } from '../probes/tls';
import { returnsText } from '../record/call-returns';
import { type RunResult, runRecording } from '../record/recording-run';
import { becomeAgentUser } from './agent-user';
import { type PacketOptions, packetsOf } from './packet-options';
import { type OutputOptions, openOutput } from './record-output';
import { byteText, countText, plural, StatusLine } from './status-line';
import { taggerOf } from './tag-options';
import { accountOf, hooksOf, payloadPolicyOf, type TargetOptions, targetsOf } from './target-options';
import { reasonOf } from './user-error';

export interface RecordOptions extends TargetOptions, OutputOptions, PacketOptions {}

const FLUSH_MS = 500;

/** `causeway record`: to a file, to several, or into a ring. Returns the exit status. */
export async function record(options: RecordOptions, command: readonly string[]): Promise<number> {
  becomeAgentUser(options, command);
  const targets = targetsOf(options, command);
  const packets = packetsOf(options);
  const user = options.user === undefined ? undefined : accountOf(options.user);
  let status: StatusLine | undefined;
  const say = (text: string) => {
    status?.clear();
    process.stderr.write(`${text}\n`);
  };
  const tagger = await taggerOf(options, say);
  const output = openOutput(options, targets, say);
  let result: RunResult | undefined;
  try {
    result = await runRecording(
      {
        targets,
        payloadLimit: options.payload,
        payloadPolicy: payloadPolicyOf(options),
        unixSockets: options.unix,
        tls: options.tls ?? false,
        go: options.go ?? false,
        ...hooksOf(options),
        onCallReturns: (reason, pid) => say(returnsText(reason, pid)),
        packets,
        tell: say,
        flushMs: FLUSH_MS,
        sink: output.sink,
        tagger,
        ...(user !== undefined && { user }),
        ...(options.duration !== undefined && { durationSeconds: options.duration }),
      },
      (recording) => {
        output.begin(recording);
        const began = performance.now();
        let [lastEvents, lastTime] = [0, began];
        const text = () => {
          const { events, ringDrops, bytes } = recording.counts();
          const now = performance.now();
          const rate = (events - lastEvents) / Math.max((now - lastTime) / 1000, 0.001);
          [lastEvents, lastTime] = [events, now];
          const parts = [`${((now - began) / 1000).toFixed(1)} s`, `${plural(events, 'event')} (${countText(rate)}/s)`];
          const size = output.size?.() ?? byteText(bytes);
          return `Recording: ${[...parts, `${countText(ringDrops)} dropped`, size].join(' · ')}`;
        };
        const toEnd = command.length > 0 ? 'the command ends' : 'Ctrl-C';
        if (options.go) say(GO_TEXT);
        if (options.tls) say(tlsText(recording.tlsProcesses));
        say(`Recording to ${output.place}${options.duration ? '' : ` until ${toEnd}`}.`);
        status = new StatusLine(text, process.stderr.isTTY === true && command.length === 0);
      },
    );
  } finally {
    status?.end();
    status = undefined;
    await output.end(result);
  }
  process.stderr.write(`${summary(output.result(), result).join('\n')}\n`);
  return result.failure === undefined ? 0 : 1;
}

function summary(path: string | undefined, { counts, seconds, command, failure, reason }: RunResult): string[] {
  const lines: string[] = [];
  if (command !== undefined) lines.push(`The command ended with ${commandEnd(command)}.`);
  else if (reason !== 'command' && reason !== 'failure') lines.push('Recording ended.');
  lines.push(
    `Recorded ${plural(counts.events, 'event')} in ${seconds.toFixed(1)} s, ${byteText(counts.bytes)}${path === undefined ? '; no file was asked for.' : `: ${path}`}`,
  );
  if (counts.ringDrops > 0) {
    lines.push(`${plural(counts.ringDrops, 'event')} came faster than they could be taken and are missing.`);
  }
  if (failure !== undefined) {
    lines.push(
      `Writing failed: ${reasonOf(failure)}. What was written before can be read; free some space and record again.`,
    );
  }
  if (counts.events === 0) {
    lines.push(
      'Nothing was seen: the programs used no TCP or UDP socket in this time, or others than the ones chosen did.',
    );
  } else if (path !== undefined) {
    lines.push(
      `Next: \`npx causeway replay ${path}\` prints its traces; \`npm start\` opens the workbench, drop the file on its page.`,
    );
  }
  return lines;
}

function commandEnd({ status, signal }: NonNullable<RunResult['command']>): string {
  return signal === null ? `status ${status}` : `signal ${signal}`;
}
