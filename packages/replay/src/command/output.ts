import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where a command writes; default the process's own. */
export interface CommandStreams {
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

/** 0 fine, 1 the input was damaged or only partly read, 2 it could not be opened. */
export type ExitStatus = 0 | 1 | 2;

const FLUSH_CHARACTERS = 64 * 1024;

/** Lines to a stream, in pieces and at the reader's pace. A reader that goes away (`| head`) ends the output quietly. */
export class LineOutput {
  private pending: string[] = [];
  private size = 0;
  private gone = false;
  private failure: Error | undefined;
  private readonly onError = (error: NodeJS.ErrnoException) => {
    this.gone = true;
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') this.failure = error;
  };

  constructor(private readonly stream: Writable) {
    stream.on('error', this.onError);
  }

  /** Nobody reads any more: what is left to do is in vain. */
  get closed(): boolean {
    return this.gone || this.stream.destroyed;
  }

  line(text: string): void {
    if (this.closed) return;
    this.pending.push(text, '\n');
    this.size += text.length + 1;
  }

  /** Writes when enough has come together. Call it between items. Throws what the stream failed with, but for EPIPE. */
  async settle(): Promise<void> {
    if (this.size >= FLUSH_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.pending.join('');
    this.pending = [];
    this.size = 0;
    if (text !== '' && !this.closed) {
      const written = new Promise<void>((resolve) => this.stream.write(text, () => resolve()));
      // The listener goes with the write: a long output makes many.
      const done = new AbortController();
      const closed = once(this.stream, 'close', { signal: done.signal }).catch(() => {});
      await Promise.race([written, closed]);
      done.abort();
    }
    if (this.failure) throw this.failure;
  }

  async end(): Promise<void> {
    await this.flush();
    this.stream.off('error', this.onError);
  }
}
