import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type CaptureWriter, Encoding, encodePayload, FrameKind, type RawEventBlock } from '@causeway/replay';

const compress = promisify(gzip);
/** Blocks being compressed at once; above this many they are stored plain, so that recording keeps up. */
const MAX_COMPRESSING = 4;

/**
 * Frames in the order they were made, event blocks compressed on another thread meanwhile. After a failed write nothing
 * more is written, so that what the file holds stays whole.
 */
export class FrameQueue {
  private last: Promise<void> = Promise.resolve();
  private compressing = 0;
  private failure: unknown;

  /** `onFailure` is called once, with the error of the sink. */
  constructor(
    private writer: CaptureWriter,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** `admit` is asked when the block's turn has come, with the size it would add; a block it refuses is left out. */
  writeEvents(block: RawEventBlock, admit: (bytes: number) => boolean): void {
    const payload = encodePayload(block);
    const stored = this.compressed(payload);
    this.inOrder(async () => {
      const bytes = await stored;
      if (!admit(bytes.length)) return;
      const encoding = bytes.length < payload.length ? Encoding.gzip : Encoding.plain;
      this.writer.writeFrame(FrameKind.events, encoding === Encoding.gzip ? bytes : payload, encoding, block);
    });
  }

  write(frame: (writer: CaptureWriter) => void): void {
    this.inOrder(() => frame(this.writer));
  }

  /** What follows goes to another writer; the first one gets its index. */
  replace(makeWriter: () => CaptureWriter): void {
    this.inOrder(() => {
      this.writer.end();
      this.writer = makeWriter();
    });
  }

  /** Resolves when everything so far is written, or has failed. */
  async idle(): Promise<void> {
    await this.last;
  }

  private async compressed(payload: Uint8Array): Promise<Uint8Array> {
    if (this.compressing >= MAX_COMPRESSING) return payload;
    this.compressing += 1;
    try {
      return await compress(payload, { level: constants.Z_BEST_SPEED });
    } finally {
      this.compressing -= 1;
    }
  }

  private inOrder(step: () => void | Promise<void>): void {
    this.last = this.last.then(async () => {
      if (this.failure !== undefined) return;
      try {
        await step();
      } catch (error) {
        this.failure = error;
        this.onFailure(error);
      }
    });
  }
}
