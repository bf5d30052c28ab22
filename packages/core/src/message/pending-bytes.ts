import type { EventMark } from '../event/event-mark';

const EMPTY = new Uint8Array(0);
const FIRST_CAPACITY = 256;

/** The bytes of a unit that is not whole yet, and which event brought which of them. */
export class PendingBytes {
  bytes: Uint8Array = EMPTY;
  length = 0;
  private marks: EventMark[] = [];
  /** Where the bytes of the mark with the same index end. */
  private ends: number[] = [];

  append(source: Uint8Array, from: number, to: number, mark: EventMark): void {
    const length = this.length + to - from;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.bytes.length * 2, FIRST_CAPACITY));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), this.length);
    this.length = length;
    this.marks.push(mark);
    this.ends.push(length);
  }

  /** The event that brought the byte at `index`. */
  markAt(index: number): EventMark {
    let i = 0;
    while (i < this.ends.length - 1 && this.ends[i]! <= index) i += 1;
    return this.marks[i]!;
  }

  /** Calls back for each event with bytes in [from, to), with their number. */
  forEachMark(from: number, to: number, visit: (length: number, mark: EventMark) => void): void {
    let start = 0;
    for (let i = 0; i < this.ends.length && start < to; i += 1) {
      const end = this.ends[i]!;
      if (end > from) visit(Math.min(end, to) - Math.max(start, from), this.marks[i]!);
      start = end;
    }
  }

  /** Drops the first `count` bytes. */
  consume(count: number): void {
    if (count >= this.length) {
      this.clear();
      return;
    }
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
    const gone = this.ends.findIndex((end) => end > count);
    this.marks = this.marks.slice(gone);
    this.ends = this.ends.slice(gone).map((end) => end - count);
  }

  clear(): void {
    if (this.length === 0) return;
    this.length = 0;
    this.marks = [];
    this.ends = [];
    // A large buffer was for one large message: do not keep it for a connection that may now be idle.
    if (this.bytes.length > 64 * FIRST_CAPACITY) this.bytes = EMPTY;
  }
}
