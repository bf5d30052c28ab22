import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type CaptureWriter, Encoding, encodePayload, FrameKind, type RawEventBlock } from '@causeway/replay';

const compress = promisify(gzip);
/** Blocks being compressed at once; above this many they are stored plain, so that recording keeps up. */
const MAX_COMPRESSING = 4;

/** Whether a block that adds so many bytes may be written: with its payload, or as one whose payload was left out. */
export type Admission = (bytes: number, withPayload: boolean) => boolean;

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

  /**
   * `admit` is asked when the block's turn has come. A block that it refuses is offered again without its payload, and
   * left out when it refuses that too; `onShed` is told what was given up.
   */
  writeEvents(block: RawEventBlock, admit: Admission, onShed: (what: 'payload' | 'events') => void): void {
    const encoded = encodePayload(block);
    const stored = this.compressed(encoded);
    this.inOrder(async () => {
      const whole = await stored;
      if (admit(whole.length, true)) {
        this.writeBlock(encoded, whole, block);
        return;
      }
      const bare = encodePayload(withoutPayload(block));
      const storedBare = await this.compressed(bare);
      const admitted = admit(storedBare.length, false);
      if (admitted) this.writeBlock(bare, storedBare, block);
      onShed(admitted ? 'payload' : 'events');
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

  private writeBlock(encoded: Uint8Array, compressed: Uint8Array, block: RawEventBlock): void {
    const encoding = compressed.length < encoded.length ? Encoding.gzip : Encoding.plain;
    this.writer.writeFrame(FrameKind.events, encoding === Encoding.gzip ? compressed : encoded, encoding, block);
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

function withoutPayload(block: RawEventBlock): RawEventBlock {
  const payloadLength = new Uint8Array(block.columns.payloadLength?.length ?? 0);
  return { ...block, columns: { ...block.columns, payloadLength }, payload: new Uint8Array(0) };
}
