import { type FileHandle, open } from 'node:fs/promises';

/** How many bytes may wait for the disk before the agent is asked to pause. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

export interface LiveFileEvents {
  /** All bytes up to here are on disk and stay there. */
  onDurable(offset: number): void;
  /** Enough waits (true), or little enough again (false). */
  onPressure(high: boolean): void;
  onFailure(error: unknown): void;
}

/** The growing file of one live capture: appends in order, many messages in one write and one sync. */
export class LiveFile {
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failed = false;

  private constructor(
    private readonly file: FileHandle,
    private durable: number,
    private readonly events: LiveFileEvents,
  ) {}

  /** Opens or makes the file. What a killed server wrote and never acknowledged is made durable first. */
  static async open(path: string, events: LiveFileEvents): Promise<LiveFile> {
    const file = await open(path, 'a', 0o600);
    await file.sync();
    return new LiveFile(file, (await file.stat()).size, events);
  }

  get durableOffset(): number {
    return this.durable;
  }

  append(bytes: Uint8Array): void {
    if (this.#failed) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.events.onPressure(true);
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything appended so far is on disk, or writing failed. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.settle();
    await this.file.close();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = Buffer.concat(this.#waiting);
        this.#waiting = [];
        this.#waitingBytes = 0;
        await this.file.writeFile(batch);
        await this.file.datasync();
        this.durable += batch.length;
        this.events.onPressure(false);
        this.events.onDurable(this.durable);
      }
    } catch (error) {
      // A partial write stays: the agent asks how much there is before it goes on.
      this.#failed = true;
      this.events.onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }
}
