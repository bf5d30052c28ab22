const MIN_CAPACITY = 256 * 1024;

/**
 * Bytes that arrived and are not consumed yet, in one piece. Views that were handed out stay valid for ever: memory is
 * replaced, never reused. A chunk that comes when the queue is empty is not copied, so the giver must leave it alone.
 */
export class ByteQueue {
  private buffer: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  private consumed = 0;
  /** `buffer` is ours to append to. */
  private owned = false;

  get length(): number {
    return this.end - this.start;
  }

  /** Position of the first byte in the whole stream. */
  get position(): number {
    return this.consumed;
  }

  /** `expected`: how many bytes the consumer waits for, so that a large frame is not copied over and over. */
  append(chunk: Uint8Array, expected: number): void {
    if (this.length === 0) {
      this.buffer = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.owned = false;
      return;
    }
    const needed = this.length + chunk.length;
    if (!this.owned || this.end + chunk.length > this.buffer.length) {
      // Doubling, up to what is waited for: a lying length cannot make us allocate at once.
      const capacity = Math.max(needed, Math.min(expected, Math.max(2 * this.length, MIN_CAPACITY)));
      const grown = new Uint8Array(capacity);
      grown.set(this.buffer.subarray(this.start, this.end));
      this.buffer = grown;
      this.end = this.length;
      this.start = 0;
      this.owned = true;
    }
    this.buffer.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Byte i from the front; i < length. */
  at(i: number): number {
    return this.buffer[this.start + i]!;
  }

  peek(from: number, to: number): Uint8Array {
    return this.buffer.subarray(this.start + from, this.start + to);
  }

  uint32(i: number): number {
    return ((this.at(i) << 24) | (this.at(i + 1) << 16) | (this.at(i + 2) << 8) | this.at(i + 3)) >>> 0;
  }

  drop(count: number): void {
    this.start += count;
    this.consumed += count;
  }
}
