import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OWN_HELPERS } from '../host/own-helpers';
import { packageRoot } from '../native/package-root';

/** Bytes handed to the watcher and not taken yet, above which it is given up on what follows until it has caught up. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** The other end of `watch.ts`. */
export class Watcher {
  /** Frames that the watcher was too slow for: what happened in them triggers nothing. */
  skippedFrames = 0;
  private readonly child: ChildProcess;

  /** `onOccasion` gets a sentence for each span that met a trigger. `onEnd`: there will be no more of them. */
  constructor(
    triggers: readonly string[],
    protocols: readonly string[],
    onOccasion: (text: string) => void,
    onEnd: (problem: string) => void,
  ) {
    const command = join(packageRoot(), 'bin', 'causeway.mjs');
    const modules = protocols.flatMap((path) => ['--protocol', path]);
    this.child = spawn(process.execPath, [command, 'watch', ...modules, ...triggers], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (this.child.pid !== undefined) OWN_HELPERS.add(this.child.pid);
    let said = '';
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
    });
    this.child.stdin!.on('error', () => {});
    createInterface({ input: this.child.stdout! }).on('line', onOccasion);
    this.child.once('error', (error) => onEnd(error.message));
    this.child.once('exit', (status) => {
      if (this.child.pid !== undefined) OWN_HELPERS.delete(this.child.pid);
      if (status !== 0) onEnd(said.trim().split('\n').at(-1) || `it ended with status ${status}`);
    });
  }

  /** Whole frames only, in order. A frame left out is a gap like any other to who reads. */
  feed(bytes: Uint8Array): void {
    const input = this.child.stdin!;
    if (input.destroyed || input.writableEnded) return;
    if (input.writableLength > MAX_WAITING_BYTES) this.skippedFrames += 1;
    else input.write(bytes);
  }

  /** Resolves when it has looked at everything. */
  async end(): Promise<void> {
    this.child.stdin!.end();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await new Promise((resolve) => this.child.once('exit', resolve));
    }
  }
}
