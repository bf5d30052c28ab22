import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaptureEvent, LossReport, SocketInfo, StateSnapshot } from '@causeway/core';
import { type CaptureHeader, type CaptureItem, CaptureReader, readEvent } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import { runChecks } from '../../src/doctor/checks';
import { packageRoot } from '../../src/native/package-root';
import { type RunOptions, type RunResult, runRecording } from '../../src/record/recording-run';
import { NO_TARGETS, type RecordTargets } from '../../src/record/targets';

/** Empty = this host can record; else what it lacks, for a test's title. */
export const LACKING = runChecks()
  .filter(({ ok }) => !ok)
  .map(({ title }) => title)
  .join(', ');

/** What a capture holds, all frames together. */
export interface Recorded {
  readonly header: CaptureHeader;
  readonly events: readonly CaptureEvent[];
  readonly losses: readonly LossReport[];
  readonly snapshots: readonly StateSnapshot[];
  /** Kinds of the frames, and of the problems, in order. */
  readonly items: readonly string[];
}

export function readCapture(bytes: Uint8Array): Recorded {
  const reader = new CaptureReader(nodeCodec);
  const items: CaptureItem[] = [...reader.push(bytes), ...reader.end()];
  const header = items.find((item) => item.kind === 'header');
  if (header?.kind !== 'header') throw new Error('the capture has no header');
  return {
    header: header.header,
    events: items.flatMap((item) =>
      item.kind === 'events' ? Array.from({ length: item.block.count }, (_, row) => readEvent(item.block, row)) : [],
    ),
    losses: items.flatMap((item) => (item.kind === 'loss' ? [item.loss] : [])),
    snapshots: items.flatMap((item) => (item.kind === 'snapshot' ? [item.snapshot.state] : [])),
    items: items.map(({ kind }) => kind),
  };
}

/** Records until the targets' command ends, or `during` resolves; the bytes of the capture. */
export async function recordBytes(...args: Parameters<typeof recordEvents>): Promise<Uint8Array> {
  return (await recordEvents(...args)).bytes;
}

/** Records until the targets' command ends, or `during` resolves. */
export async function recordEvents(
  targets: Partial<RecordTargets>,
  options: Partial<Omit<RunOptions, 'targets' | 'sink'>> = {},
  during?: () => Promise<void>,
): Promise<Recorded & { readonly result: RunResult; readonly bytes: Uint8Array }> {
  const parts: Uint8Array[] = [];
  let end = () => {};
  const abort = new Promise<void>((resolve) => {
    end = resolve;
  });
  const result = await runRecording(
    {
      payloadLimit: 1024,
      flushMs: 20,
      ...options,
      targets: { ...NO_TARGETS, ...targets },
      sink: (bytes) => parts.push(bytes),
    },
    () => void during?.().then(end),
    abort,
  );
  const bytes = Buffer.concat(parts);
  return { ...readCapture(bytes), result, bytes };
}

/** A folder for the test's files, gone with `remove`. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'causeway-agent-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Compiles a C program of `test/support` into the folder and returns its path. */
export function compile(name: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const output = join(folder, name);
  const source = join(packageRoot(), 'test', 'support', `${name}.c`);
  const { status, stderr } = spawnSync('cc', ['-O1', '-Wall', '-pthread', source, '-o', output], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return output;
}

/**
 * Events of a program that ends a connection with itself in order: exec and exit, connect and accept, the end that each side reads, two
 * closes; and the states: of the side that ends first established, FIN-WAIT-1, FIN-WAIT-2 and closed, of the other, which was
 * accepted when it was established already, CLOSE-WAIT, LAST-ACK and closed.
 */
const EVENTS_BESIDE_WRITES = 2 + 2 + 2 + 2 + 4 + 3;

/** All events of `traffic burst` or `traffic noise`, by the file that it wrote: each write is also read, and TCP may send again. */
export function eventsOfBurst(path: string): number {
  const [writes = Number.NaN, sentAgain = Number.NaN] = readFileSync(path, 'utf8').split(' ').map(Number);
  return 2 * writes + sentAgain + EVENTS_BESIDE_WRITES;
}

/** Payload in text with its call's byte count and place in the stream. */
export interface Sent {
  readonly text: string;
  readonly bytes: number;
  readonly seq: number | undefined;
}

export const sent = ({ payload, result, tcpSeqEnter }: CaptureEvent): Sent => ({
  text: Buffer.from(payload).toString(),
  bytes: result,
  seq: tcpSeqEnter,
});

/** The address pair as one end sees it, and as the other does. */
export const ends = ({ local, remote }: SocketInfo) => ({
  here: `${local.address} ${local.port} ${remote.address} ${remote.port}`,
  there: `${remote.address} ${remote.port} ${local.address} ${local.port}`,
});
