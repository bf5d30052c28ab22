import { type CaptureWriter, Encoding, encodeEventBlock, FrameKind, type RawEventBlock } from '@causeway/replay';

/** Memory kept for blocks that are copied, and more than most of them take. */
const MAX_SPARE = 3;
const ENCODED_BYTES = 3 * 1024 * 1024;

/** gzip on another thread; `undefined` when it would not be smaller. */
export type Compress = (bytes: Uint8Array) => Promise<Uint8Array | undefined>;

/** What of a block was given up. */
export type Shed = 'payload' | 'events';
/** Whether a block that adds so many bytes may be written: with its payload, or as one whose payload was left out. */
export type Admission = (bytes: number, withPayload: boolean) => boolean;

/** A block whose memory is used again once it is written. */
export interface HeldBlock {
  readonly block: RawEventBlock;
  /** Memory for the block as it is encoded, around its payload if that can be. */
  roomFor(bytes: number): Uint8Array;
  /** Called once, after a failure too. */
  letGo(): void;
}

/**
 * Frames in the order they were made, event blocks compressed on another thread meanwhile. After a failed write nothing
 * more is written, so that what the file holds stays whole.
 */
export class FrameQueue {
  private last: Promise<void> = Promise.resolve();
  /** In which blocks were encoded that are written by now. */
  private readonly spare: Uint8Array[] = [];
  private failure: unknown;

  /** `onFailure` is called once, with the error of the sink. */
  constructor(
    private writer: CaptureWriter,
    private readonly compress: Compress,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** See `writeHeld`; the block is copied at once. */
  writeEvents(block: RawEventBlock, admit: Admission, onShed: (what: Shed) => void): void {
    const memory = this.spare.pop() ?? new Uint8Array(ENCODED_BYTES);
    const roomFor = (bytes: number) => (bytes <= memory.length ? memory : new Uint8Array(bytes));
    const letGo = () => {
      if (this.spare.length < MAX_SPARE) this.spare.push(memory);
    };
    this.writeHeld({ block, roomFor, letGo }, admit, onShed);
  }

  /**
   * `admit` is asked when the block's turn has come. A block that it refuses is offered again without its payload, and
   * left out when it refuses that too; `onShed` is told what was given up.
   */
  writeHeld({ block, roomFor, letGo }: HeldBlock, admit: Admission, onShed: (what: Shed) => void): void {
    const stored = this.compressed(encodeEventBlock(block, roomFor));
    const step = async () => {
      const whole = await stored;
      if (admit(whole.bytes.length, true)) {
        this.writeBlock(whole, block);
        return;
      }
      const bare = await this.compressed(encodeEventBlock(withoutPayload(block), (bytes) => new Uint8Array(bytes)));
      const admitted = admit(bare.bytes.length, false);
      if (admitted) this.writeBlock(bare, block);
      onShed(admitted ? 'payload' : 'events');
    };
    // After a failure the compressor may still be reading.
    this.inOrder(step, () => void stored.then(letGo, letGo));
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

  private writeBlock({ bytes, encoding }: StoredBlock, block: RawEventBlock): void {
    this.writer.writeFrame(FrameKind.events, bytes, encoding, block);
  }

  private async compressed(encoded: Uint8Array): Promise<StoredBlock> {
    const gzipped = await this.compress(encoded);
    return gzipped === undefined
      ? { bytes: encoded, encoding: Encoding.plain }
      : { bytes: gzipped, encoding: Encoding.gzip };
  }

  /** Not after a failure, unlike `always`. */
  private inOrder(step: () => void | Promise<void>, always?: () => void): void {
    this.last = this.last.then(async () => {
      try {
        if (this.failure === undefined) await step();
      } catch (error) {
        this.failure = error;
        this.onFailure(error);
      }
      always?.();
    });
  }
}

/** A block's payload as it will stand in its frame. */
interface StoredBlock {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
}

function withoutPayload(block: RawEventBlock): RawEventBlock {
  const payloadLength = new Uint8Array(block.columns.payloadLength?.length ?? 0);
  return { ...block, columns: { ...block.columns, payloadLength }, payload: new Uint8Array(0) };
}
