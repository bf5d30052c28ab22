import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberedPath } from '../output/rotation';
import type { Recording } from '../record/recording';
import { serveDumps } from './control';
import { type Dump, FlightRing } from './flight-ring';
import { controlSocket, ringRoot, writeSession } from './ring-store';
import { Watcher } from './watcher';

/** A moment in a dump's name: sorts by time, and tells two dumps of one second apart. */
const STAMP = /^\d{4}-\d{2}-\d{2}-\d{6}-\d{3}$/;
const MARK = '\0';

export interface FlightRecorderOptions {
  /** How far back a dump reaches, and the most bytes kept for it. */
  readonly seconds: number;
  readonly bytes: number;
  /** Dumps are named after it, with their time. */
  readonly output: string;
  readonly name: string;
  /** See `parseTrigger`. */
  readonly triggers: readonly string[];
  /** Paths of protocol modules, by which triggers see more. */
  readonly protocols: readonly string[];
  /** From a trigger to its dump: the rest of the trace is to be in it. */
  readonly secondsAfter: number;
  /** Between two dumps that triggers asked for. */
  readonly secondsBetween: number;
  /** Dumps named after `output` that are kept, the newest ones; absent = all. */
  readonly keep?: number;
  /** Gets a sentence for each thing that happens. */
  readonly say: (text: string) => void;
  /** Where rings lie; default: the agent's state folder. */
  readonly root?: string;
}

/**
 * Keeps the last minutes and writes them when it is asked: by SIGUSR1, by `causeway dump`, or by a request that met a
 * trigger.
 */
export class FlightRecorder {
  readonly ring: FlightRing;
  readonly folder: string;
  dumps = 0;
  lastDump: string | undefined;
  private readonly watcher: Watcher | undefined;
  private server: Server | undefined;
  private lastTriggered = Number.NEGATIVE_INFINITY;
  private pending: Promise<void> | undefined;
  private readonly onSignal = () => void this.dumpAndSay('SIGUSR1');

  constructor(private readonly options: FlightRecorderOptions) {
    const { seconds, bytes, root = ringRoot() } = options;
    this.folder = join(root, `${process.pid}-${randomBytes(4).toString('hex')}`);
    this.ring = new FlightRing({ folder: this.folder, seconds, bytes });
    const { triggers, protocols, say } = options;
    if (triggers.length > 0) {
      this.watcher = new Watcher(
        triggers,
        protocols,
        (occasion) => this.triggered(occasion),
        (problem) => say(`Triggers are off: ${problem}.`),
      );
    }
  }

  /** Of the recording. */
  readonly sink = (bytes: Uint8Array): void => {
    this.ring.output.sink(bytes);
    this.watcher?.feed(bytes);
  };

  async begin(recording: Recording): Promise<void> {
    const { output, name } = this.options;
    this.ring.output.begin({
      rotate: (open) =>
        recording.rotate(() => {
          const sink = open();
          return (bytes) => {
            sink(bytes);
            this.watcher?.feed(bytes);
          };
        }),
    });
    writeSession(this.folder, { pid: process.pid, name, output: resolve(output), started: new Date().toISOString() });
    process.on('SIGUSR1', this.onSignal);
    this.server = await serveDumps(controlSocket(this.folder), (path) => this.dump(path));
  }

  /** `dumpLast`: what is held now is written too. After the recording has stopped. */
  async end(dumpLast: boolean): Promise<void> {
    process.removeListener('SIGUSR1', this.onSignal);
    this.server?.close();
    await this.watcher?.end();
    await this.pending;
    await this.ring.output.close();
    if (dumpLast) await this.dumpAndSay('the end of the recording');
    this.ring.remove();
  }

  /** What is held, to `path` or a file named after the time. Throws what writing throws. */
  async dump(path?: string): Promise<Dump> {
    const stamp = new Date().toISOString().slice(0, 23).replaceAll(':', '').replace('T', '-').replace('.', '-');
    const dump = await this.ring.dump(path ?? numberedPath(resolve(this.options.output), stamp));
    this.dumps += 1;
    this.lastDump = dump.path;
    if (path === undefined) this.removeOldDumps();
    return dump;
  }

  /** Those of earlier runs too: a service that triggers for weeks does not fill the disk. */
  private removeOldDumps(): void {
    const { output, keep } = this.options;
    if (keep === undefined) return;
    const folder = dirname(resolve(output));
    const [before = '', after = ''] = numberedPath(basename(output), MARK).split(MARK);
    const dumps = readdirSync(folder).filter(
      (name) =>
        name.startsWith(before) &&
        name.endsWith(after) &&
        STAMP.test(name.slice(before.length, -after.length || undefined)),
    );
    for (const name of dumps.sort().slice(0, -keep)) rmSync(join(folder, name), { force: true });
  }

  private triggered(occasion: string): void {
    const { secondsAfter, secondsBetween, say } = this.options;
    const now = performance.now() / 1000;
    if (now - this.lastTriggered < secondsBetween) return;
    this.lastTriggered = now;
    say(`${occasion}.`);
    this.pending = sleep(secondsAfter * 1000).then(() => this.dumpAndSay('that'));
  }

  private async dumpAndSay(cause: string): Promise<void> {
    const { say } = this.options;
    try {
      const { path, seconds } = await this.dump();
      say(`Because of ${cause} the last ${seconds.toFixed(0)} s were written to ${path}`);
    } catch (error) {
      say(`The ring could not be written: ${error instanceof Error ? error.message : error}.`);
    }
  }
}
