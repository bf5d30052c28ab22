import { setTimeout as sleep } from 'node:timers/promises';
import { returnsText } from '../record/call-returns';
import type { Recording } from '../record/recording';
import { runRecording } from '../record/recording-run';
import { LiveSender } from '../stream/live-sender';
import { Spool } from '../stream/spool';
import {
  createSpoolFolder,
  defaultSpoolRoot,
  leftSpools,
  removeSpoolFolder,
  type SpoolSession,
} from '../stream/spool-store';
import { becomeAgentUser } from './agent-user';
import { byteText, countText, plural, StatusLine } from './status-line';
import { taggerOf } from './tag-options';
import { accountOf, hooksOf, nameOf, payloadPolicyOf, type TargetOptions, targetsOf } from './target-options';
import { reasonOf, UserError } from './user-error';

export interface StreamOptions extends TargetOptions {
  readonly to: string;
  readonly token?: string;
  readonly name?: string;
  readonly spool?: string;
  /** Megabytes. */
  readonly spoolLimit: number;
}

/** Traces show up within two seconds, so blocks leave several times a second. */
const FLUSH_MS = 150;
/** Without progress for this long at the end, what is left stays in the spool. */
const STALL_MS = 10_000;

/** Of the spool's limit: above it payload is shed, so that the rest of the room holds many more events. */
const PAYLOAD_SHARE = 0.75;

/** Said when it begins; how much it came to, at the end. */
const SHED = {
  payload: 'The spool is nearly full: payload is left out from now on where it does not fit.',
  events: 'The spool is full: events are left out from now on, and counted.',
};

interface Upload {
  readonly folder: string;
  readonly spool: Spool;
  readonly sender: LiveSender;
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new UserError(`${text} is not an address: give one like http://127.0.0.1:3000 with --to.`, 2);
  }
  return url;
}

/** `causeway stream`: to a workbench, over any break of the connection. Returns the exit status. */
export async function stream(options: StreamOptions, command: readonly string[]): Promise<number> {
  becomeAgentUser(options, command);
  const targets = targetsOf(options, command);
  const user = options.user === undefined ? undefined : accountOf(options.user);
  const url = serverUrl(options.to);
  const token = options.token ?? process.env.CAUSEWAY_TOKEN;
  const connection = { url, ...(token !== undefined && token !== '' && { token }) };
  const root = options.spool ?? defaultSpoolRoot();
  const limit = options.spoolLimit * 1_000_000;
  const open = (folder: string, { hello }: SpoolSession): Upload => {
    const spool = new Spool(folder);
    return { folder, spool, sender: new LiveSender({ ...connection, hello, spool }) };
  };

  let upload: Upload | undefined;
  let status: StatusLine | undefined;
  const early: Uint8Array[] = [];
  let abort = () => {};
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
  });
  const begin = (recording: Recording) => {
    const { captureId, hostName } = recording;
    const session = {
      origin: url.origin,
      pid: process.pid,
      hello: { captureId, hostName, name: options.name ?? nameOf(targets) },
    };
    upload = open(createSpoolFolder(root, session), session);
    for (const bytes of early.splice(0)) upload.spool.append(bytes);
    void upload.sender.settled.then((state) => state === 'refused' && abort());
    process.stderr.write(`Sending to ${url.origin}${options.duration ? '' : ' until Ctrl-C'}.\n`);
    const text = () => statusText(recording, upload!);
    status = new StatusLine(text, process.stderr.isTTY === true && command.length === 0);
  };
  const say = (text: string) => {
    status?.clear();
    process.stderr.write(`${text}\n`);
  };
  const tagger = await taggerOf(options, say);
  const leftovers = openLeftovers(root, url.origin, open);
  const result = await runRecording(
    {
      targets,
      payloadLimit: options.payload,
      payloadPolicy: payloadPolicyOf(options),
      unixSockets: options.unix,
      tls: options.tls ?? false,
      go: options.go ?? false,
      ...hooksOf(options),
      onCallReturns: (reason, pid) => process.stderr.write(`${returnsText(reason, pid)}\n`),
      flushMs: FLUSH_MS,
      tagger,
      tell: say,
      sink: (bytes) => {
        if (upload === undefined) early.push(bytes);
        else {
          upload.spool.append(bytes);
          upload.sender.notify();
        }
      },
      admit: (bytes, withPayload) =>
        upload === undefined ||
        upload.spool.end + bytes - upload.sender.acknowledged <= (withPayload ? PAYLOAD_SHARE : 1) * limit,
      onShed: (what) => status?.say(SHED[what]),
      ...(user !== undefined && { user }),
      ...(options.duration !== undefined && { durationSeconds: options.duration }),
    },
    begin,
    aborted,
  ).finally(() => status?.end());

  const { counts, failure, seconds } = result;
  const lines = [`Recorded ${plural(counts.events, 'event')} in ${seconds.toFixed(1)} s, ${byteText(counts.bytes)}.`];
  const lost = counts.ringDrops + counts.refused;
  if (lost > 0) lines.push(`${plural(lost, 'event')} could not be kept and are missing; the capture says so.`);
  if (counts.shedPayloadBytes > 0) {
    lines.push(`There was no room for ${byteText(counts.shedPayloadBytes)} of payload; the capture says so.`);
  }
  if (failure !== undefined)
    lines.push(`Writing to the spool in ${root} failed: ${reasonOf(failure)}. Free some space.`);
  const finished = upload === undefined ? false : await finish(upload, lines);
  const all = await Promise.all(leftovers.map((each) => finish(each, lines)));
  process.stderr.write(`${lines.join('\n')}\n`);
  return finished && failure === undefined && all.every(Boolean) ? 0 : 1;
}

/** What earlier runs could not send is sent along. */
function openLeftovers(
  root: string,
  origin: string,
  open: (folder: string, session: SpoolSession) => Upload,
): readonly Upload[] {
  return leftSpools(root, origin).map(({ folder, session }) => {
    const upload = open(folder, session);
    upload.sender.finish();
    return upload;
  });
}

/** Sends what is left; adds what came of it to `lines`. */
async function finish({ folder, spool, sender }: Upload, lines: string[]): Promise<boolean> {
  sender.finish();
  let state: 'done' | 'refused' | 'stalled';
  let acknowledged: number;
  do {
    acknowledged = sender.acknowledged;
    state = await Promise.race([sender.settled, sleep(STALL_MS, 'stalled' as const, { ref: false })]);
  } while (state === 'stalled' && sender.acknowledged > acknowledged);
  sender.close();
  const left = spool.end - sender.acknowledged;
  spool.close();
  switch (state) {
    case 'done':
      lines.push('All of it has arrived.');
      removeSpoolFolder(folder);
      return true;
    case 'refused':
      lines.push(sender.problem ?? 'The server refused the capture.');
      removeSpoolFolder(folder);
      return false;
    case 'stalled':
      lines.push(
        `${sender.problem ?? 'The server does not answer.'} ${byteText(left)} are kept in ${folder}; the next \`causeway stream\` to the same address sends them.`,
      );
      return false;
  }
}

function statusText(recording: Recording, { spool, sender }: Upload): string {
  const { events, ringDrops, refused } = recording.counts();
  const waiting = spool.end - sender.acknowledged;
  const state = sender.state === 'connecting' ? (sender.problem ?? 'connecting …') : sender.state;
  const parts = [plural(events, 'event'), `${countText(ringDrops + refused)} dropped`, `${byteText(waiting)} waiting`];
  return `Sending: ${[...parts, state].join(' · ')}`;
}
