import { type CaptureWriter, Encoding, encodeEventBlock, FrameKind, type RawEventBlock } from '@causeway/replay';

/** Event blocks on their way to the writer, above which no more should come: each takes its size in memory. */
const MAX_WAITING = 3;

/** More than most blocks take. */
const ENCODED_BYTES = 3 * 1024 * 1024;

/** gzip on another thread; `undefined` when it would not be smaller. */
export type Compress = (bytes: Uint8Array) => Promise<Uint8Array | undefined>;

/** Whether a block that adds so many bytes may be written: with its payload, or as one whose payload was left out. */
export type Admission = (bytes: number, withPayload: boolean) => boolean;

/**
 * Frames in the order they were made, event blocks compressed on another thread meanwhile. After a failed write nothing
 * more is written, so that what the file holds stays whole.
 */
export class FrameQueue {
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private readonly whenRoom: (() => void)[] = [];
  /** In which blocks were encoded that are written by now. */
  private readonly spare: Uint8Array[] = [];
  private failure: unknown;

  /** `onFailure` is called once, with the error of the sink. */
  constructor(
    private writer: CaptureWriter,
    private readonly compress: Compress,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /**
   * `admit` is asked when the block's turn has come. A block that it refuses is offered again without its payload, and
   * left out when it refuses that too; `onShed` is told what was given up.
   */
  writeEvents(block: RawEventBlock, admit: Admission, onShed: (what: 'payload' | 'events') => void): void {
    const encoded = this.encode(block);
    const stored = this.compressed(encoded);
    this.waiting += 1;
    const step = async () => {
      const whole = await stored;
      if (admit(whole.bytes.length, true)) {
        this.writeBlock(whole, block);
        return;
      }
      const bare = this.encode(withoutPayload(block));
      const storedBare = await this.compressed(bare);
      const admitted = admit(storedBare.bytes.length, false);
      if (admitted) this.writeBlock(storedBare, block);
      this.reuse(bare);
      onShed(admitted ? 'payload' : 'events');
    };
    this.inOrder(step, () => {
      this.reuse(encoded);
      this.leave();
    });
  }

  /** Calls back once there is room for another event block: now, as long as the writer keeps up. */
  onRoom(action: () => void): void {
    if (this.waiting < MAX_WAITING) action();
    else this.whenRoom.push(action);
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

  private encode(block: RawEventBlock): Uint8Array {
    return encodeEventBlock(block, (bytes) => {
      const spare = this.spare.pop();
      return spare !== undefined && spare.length >= bytes ? spare : new Uint8Array(Math.max(bytes, ENCODED_BYTES));
    });
  }

  private reuse(encoded: Uint8Array): void {
    if (this.spare.length < MAX_WAITING) this.spare.push(new Uint8Array(encoded.buffer));
  }

  private async compressed(encoded: Uint8Array): Promise<StoredBlock> {
    const gzipped = await this.compress(encoded);
    return gzipped === undefined
      ? { bytes: encoded, encoding: Encoding.plain }
      : { bytes: gzipped, encoding: Encoding.gzip };
  }

  private leave(): void {
    this.waiting -= 1;
    for (const action of this.whenRoom.splice(0)) action();
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
