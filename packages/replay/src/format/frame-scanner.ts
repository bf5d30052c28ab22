import { ByteQueue } from './byte-queue';
import { type Encoding, FRAME_HEAD_BYTES, MAGIC, MAX_PAYLOAD_BYTES } from './capture-format';
import type { FrameCodec } from './frame-codec';

export interface ScannedFrame {
  readonly kind: 'frame';
  readonly from: number;
  readonly to: number;
  readonly frameKind: number;
  readonly encoding: Encoding;
  /** The payload as stored; its checksum fits. */
  readonly stored: Uint8Array;
}

/** What the scanner finds: positions count from the start of the stream, `to` exclusive. */
export type ScannedPiece =
  | ScannedFrame
  | { readonly kind: 'magic'; readonly from: number; readonly to: number }
  /** Bytes that are neither; `cut`: they look like the beginning of one, and the stream ended. */
  | { readonly kind: 'garbage'; readonly from: number; readonly to: number; readonly cut: boolean };

/**
 * Bytes that may be checksummed for heads that turn out false, beyond those of good frames: it bounds the time that a
 * crafted file can take.
 */
const FALSE_HEAD_BUDGET = 1024 * 1024 * 1024;

/** At a position: a whole piece of this length, not enough bytes to tell (`wanted` of them would do), or neither. */
type Judgement =
  | { readonly is: 'magic' | 'frame'; readonly length: number }
  | { readonly is: 'short'; readonly wanted: number }
  | { readonly is: 'nothing' };

const NOTHING: Judgement = { is: 'nothing' };

/**
 * Splits a stream of bytes into magics and frames whose checksums fit. At a position that holds neither it looks for the
 * next one that does, byte by byte, and reports what it skipped as one piece of garbage.
 */
export class FrameScanner {
  private readonly queue = new ByteQueue();
  /** Where the garbage began that is being skipped. */
  private garbageFrom: number | undefined;
  private wanted = 0;
  private budget = FALSE_HEAD_BUDGET;

  constructor(private readonly codec: FrameCodec) {}

  /** How far the stream was split: the rest has arrived in part only. */
  get position(): number {
    return this.queue.position;
  }

  /** Pieces that end in what has arrived. The iterator must be exhausted before the next call. */
  *push(chunk: Uint8Array): Generator<ScannedPiece> {
    this.queue.append(chunk);
    if (this.queue.length < this.wanted) return;
    yield* this.scan(false);
  }

  /** What is left once no more bytes will come. */
  *end(): Generator<ScannedPiece> {
    yield* this.scan(true);
  }

  private *scan(ended: boolean): Generator<ScannedPiece> {
    const { queue } = this;
    this.wanted = 0;
    let cut = false;
    while (queue.length > 0) {
      const judgement = this.judge();
      if (judgement.is === 'short' && !ended) {
        this.wanted = judgement.wanted;
        return;
      }
      if (judgement.is === 'magic' || judgement.is === 'frame') {
        yield* this.flushGarbage(false);
        yield this.take(judgement.is, judgement.length);
        continue;
      }
      if (this.garbageFrom === undefined) {
        this.garbageFrom = queue.position;
        cut = judgement.is === 'short';
      }
      queue.drop(this.distanceToCandidate());
    }
    if (ended) yield* this.flushGarbage(cut);
  }

  private *flushGarbage(cut: boolean): Generator<ScannedPiece> {
    if (this.garbageFrom === undefined) return;
    yield { kind: 'garbage', from: this.garbageFrom, to: this.queue.position, cut };
    this.garbageFrom = undefined;
  }

  private take(kind: 'magic' | 'frame', length: number): ScannedPiece {
    const { queue } = this;
    const from = queue.position;
    const to = from + length;
    const frameKind = queue.at(1);
    const encoding = queue.at(7) as Encoding;
    const stored = queue.peek(FRAME_HEAD_BYTES, length);
    queue.drop(length);
    return kind === 'magic' ? { kind, from, to } : { kind, from, to, frameKind, encoding, stored };
  }

  private judge(): Judgement {
    const first = this.queue.at(0);
    if (first === MAGIC[0]) return this.judgeMagic();
    return first === 0x94 ? this.judgeFrame() : NOTHING;
  }

  private judgeMagic(): Judgement {
    const there = Math.min(MAGIC.length, this.queue.length);
    for (let i = 1; i < there; i++) if (this.queue.at(i) !== MAGIC[i]) return NOTHING;
    return there === MAGIC.length ? { is: 'magic', length: there } : { is: 'short', wanted: MAGIC.length };
  }

  private judgeFrame(): Judgement {
    const { queue } = this;
    if (!headMayBegin(queue)) return NOTHING;
    if (queue.length < FRAME_HEAD_BYTES) return { is: 'short', wanted: FRAME_HEAD_BYTES };
    const payloadLength = queue.uint32(9);
    if (payloadLength > MAX_PAYLOAD_BYTES) return NOTHING;
    if (payloadLength > this.budget) return NOTHING;
    const length = FRAME_HEAD_BYTES + payloadLength;
    if (queue.length < length) return { is: 'short', wanted: length };
    const fits = this.codec.crc32(queue.peek(FRAME_HEAD_BYTES, length)) === queue.uint32(3);
    this.budget = Math.min(FALSE_HEAD_BUDGET, this.budget + (fits ? payloadLength : -payloadLength));
    return fits ? { is: 'frame', length } : NOTHING;
  }

  /** How far the next byte is that may begin a magic or a frame; never 0. */
  private distanceToCandidate(): number {
    const { queue } = this;
    for (let i = 1; i < queue.length; i++) {
      const byte = queue.at(i);
      if (byte === 0x94 || byte === MAGIC[0]) return i;
    }
    return queue.length;
  }
}

/** Whether as much of a frame's head as is there has the fixed bytes where they belong. */
function headMayBegin(queue: ByteQueue): boolean {
  const { length } = queue;
  return (
    (length < 2 || (queue.at(1) > 0 && queue.at(1) <= 0x7f)) &&
    (length < 3 || queue.at(2) === 0xce) &&
    (length < 8 || queue.at(7) <= 1) &&
    (length < 9 || queue.at(8) === 0xc6)
  );
}
