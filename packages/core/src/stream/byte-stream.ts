import type { EventMark } from '../event/event-mark';
import {
  MAX_HELD_BYTES,
  MAX_HELD_PACKETS,
  MAX_HELD_SEGMENTS,
  MAX_JUMP_BYTES,
  MAX_REWIND_BYTES,
  OVERTAKEN_NS,
  PACKET_WAIT_NS,
  REORDER_WAIT_NS,
} from './limits';
import type { TcpCounters } from './tcp-metrics';

/** Gets each byte of a direction once, in order. */
export interface StreamReceiver {
  /**
   * `bytes` are in the capture, the `hole` bytes after them are not. `offset` is the position of the first of them.
   * The array is lent: what is to be kept has to be copied.
   */
  receive(bytes: Uint8Array, hole: number, offset: number, mark: EventMark): void;
  /** `length` bytes before `offset` belong to events that were lost. */
  lost(length: number, offset: number, mark: EventMark): void;
  /** Whole messages were left out on purpose here: what was open before them is over. */
  leftOut(): void;
  /** The socket carries another connection from here on. */
  restart(): void;
  /** More waits than may; what is missing before it is given up. */
  limited(): void;
}

interface HeldSegment {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly mark: EventMark;
}

/** How far, and how long, what comes ahead of its turn may wait. */
export interface Patience {
  readonly segments: number;
  readonly nanoseconds: number;
}

export const CALL_PATIENCE: Patience = { segments: MAX_HELD_SEGMENTS, nanoseconds: REORDER_WAIT_NS };
export const PACKET_PATIENCE: Patience = { segments: MAX_HELD_PACKETS, nanoseconds: PACKET_WAIT_NS };

/**
 * One direction of a TCP connection as a stream with holes. Positions count from the first byte seen and never wrap:
 * a sequence number is taken as the nearest to where the stream stands. Events that come early wait for those before
 * them, a little while; what was seen already is passed over.
 */
export class ByteStream {
  /** Position of the next byte. */
  private next = 0;
  /** Sequence number of position 0. */
  private base = 0;
  private begun = false;
  private held: HeldSegment[] = [];
  private heldBytes = 0;

  constructor(
    private readonly receiver: StreamReceiver,
    private readonly patience = CALL_PATIENCE,
    /** Counts what was sent twice or came late, for packets. */
    private readonly counters?: TcpCounters,
  ) {}

  get waiting(): boolean {
    return this.held.length > 0;
  }

  /** Sequence number of a position. */
  sequenceAt(offset: number): number {
    return (this.base + offset) >>> 0;
  }

  /** The first byte will have this sequence number; no effect once bytes came. */
  startAt(sequence: number): void {
    if (this.begun) return;
    this.begun = true;
    this.base = sequence;
  }

  /** What is missing before this sequence number was left out on purpose. */
  skipTo(sequence: number): void {
    if (!this.begun) return;
    this.flush();
    const ahead = (sequence - (this.base + this.next)) | 0;
    if (ahead <= 0 || ahead > MAX_JUMP_BYTES) return;
    this.next += ahead;
    this.receiver.leftOut();
  }

  /** `length` bytes moved, whose head is `bytes`. `sequence` undefined = straight after the last ones. */
  accept(sequence: number | undefined, length: number, bytes: Uint8Array, mark: EventMark): void {
    if (!this.begun) {
      this.begun = true;
      this.base = sequence ?? 0;
    }
    const ahead = sequence === undefined ? 0 : (sequence - (this.base + this.next)) | 0;
    if (ahead === 0) {
      if (this.held.length > 0) this.countLate(mark);
      this.deliver(bytes, length, mark);
      if (this.held.length > 0) this.drain();
    } else if (ahead > MAX_JUMP_BYTES || ahead < -MAX_REWIND_BYTES) {
      this.restart(sequence!);
      this.deliver(bytes, length, mark);
    } else if (ahead > 0) {
      this.hold(this.next + ahead, length, bytes, mark);
    } else if (-ahead < length) {
      this.countRepeated(-ahead);
      this.deliver(bytes.subarray(Math.min(-ahead, bytes.length)), length + ahead, mark);
      if (this.held.length > 0) this.drain();
    } else if (length > 1 || ahead < -1) {
      // One byte before the next is how an idle end is asked whether it is there (RFC 9293, 3.8.4).
      this.countRepeated(length);
    }
  }

  /** Gives up on what is missing before the segments that wait longer than allowed at `now`. */
  expire(now: number): void {
    const [first] = this.held;
    if (first !== undefined && now - first.mark.time > this.patience.nanoseconds) this.flush();
  }

  /** Gives up on everything that is missing. */
  flush(): void {
    while (this.held.length > 0) {
      const first = this.held[0]!;
      const gap = first.offset - this.next;
      if (gap > 0) {
        this.next = first.offset;
        this.receiver.lost(gap, first.offset, first.mark);
      }
      this.drain();
    }
  }

  /** A segment filled the gap before others: those overtook it, or it was lost and is sent again a round trip later. */
  private countLate(mark: EventMark): void {
    const { counters } = this;
    if (counters === undefined) return;
    const last = this.held[this.held.length - 1]!;
    const overtaken = mark.time - last.mark.time <= Math.max(OVERTAKEN_NS, counters.rttUs * 1000);
    if (overtaken) counters.outOfOrder += 1;
    else counters.retransmits += 1;
  }

  private countRepeated(bytes: number): void {
    if (this.counters !== undefined && bytes > 0) this.counters.retransmits += 1;
  }

  private restart(sequence: number): void {
    this.flush();
    this.base = (sequence - this.next) | 0;
    this.receiver.restart();
  }

  private deliver(bytes: Uint8Array, length: number, mark: EventMark): void {
    const offset = this.next;
    this.next = offset + length;
    this.receiver.receive(bytes, length - bytes.length, offset, mark);
  }

  private hold(offset: number, length: number, bytes: Uint8Array, mark: EventMark): void {
    const segment = { offset, length, bytes: bytes.slice(), mark };
    let at = this.held.length;
    while (at > 0 && this.held[at - 1]!.offset > offset) at -= 1;
    this.held.splice(at, 0, segment);
    this.heldBytes += segment.bytes.length;
    if (this.held.length <= this.patience.segments && this.heldBytes <= MAX_HELD_BYTES) return;
    this.receiver.limited();
    this.flush();
  }

  /** Delivers the held segments that are next now. */
  private drain(): void {
    while (this.held.length > 0 && this.held[0]!.offset <= this.next) {
      const { offset, length, bytes, mark } = this.held.shift()!;
      this.heldBytes -= bytes.length;
      const seen = this.next - offset;
      if (seen < length) this.deliver(bytes.subarray(Math.min(seen, bytes.length)), length - seen, mark);
    }
  }
}
