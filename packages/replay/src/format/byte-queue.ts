/**
 * Bytes that arrived and are not consumed yet. Chunks are not copied, so the giver must leave them alone; only what is
 * asked for in one piece and lies in two is put together. Views that were handed out stay valid for ever: memory is
 * replaced, never reused.
 */
export class ByteQueue {
  /** The piece that the first byte lies in. */
  private piece: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  /** `piece` is ours to append to. */
  private owned = false;
  /** What arrived behind it. */
  private readonly waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private consumed = 0;

  get length(): number {
    return this.end - this.start + this.waitingBytes;
  }

  /** Position of the first byte in the whole stream. */
  get position(): number {
    return this.consumed;
  }

  append(chunk: Uint8Array): void {
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    this.drop(0);
  }

  /** Byte i from the front; i < length. */
  at(i: number): number {
    if (this.start + i >= this.end) this.gather(i + 1);
    return this.piece[this.start + i]!;
  }

  peek(from: number, to: number): Uint8Array {
    this.gather(to);
    return this.piece.subarray(this.start + from, this.start + to);
  }

  uint32(i: number): number {
    return ((this.at(i) << 24) | (this.at(i + 1) << 16) | (this.at(i + 2) << 8) | this.at(i + 3)) >>> 0;
  }

  /** The array that the first `count` bytes lie in, from `front` on: numbers can be read there without making a view. */
  gather(count: number): Uint8Array {
    const there = this.end - this.start;
    if (count <= there) return this.piece;
    if (!this.owned || this.start + count > this.piece.length) {
      // Doubled when it grows once more, so that a message of many chunks is not copied over and over.
      const grown = new Uint8Array(this.owned ? Math.max(count, 2 * there) : count);
      grown.set(this.piece.subarray(this.start, this.end));
      this.piece = grown;
      this.start = 0;
      this.end = there;
      this.owned = true;
    }
    while (this.end - this.start < count) {
      const [next] = this.waiting;
      if (next === undefined) break;
      const taken = next.subarray(0, count - (this.end - this.start));
      this.piece.set(taken, this.end);
      this.end += taken.length;
      this.waitingBytes -= taken.length;
      if (taken.length === next.length) this.waiting.shift();
      else this.waiting[0] = next.subarray(taken.length);
    }
    return this.piece;
  }

  /** Index of the first byte in what `gather` gave. */
  get front(): number {
    return this.start;
  }

  /** Consumes `count` bytes, at most `length`. */
  drop(count: number): void {
    this.start += count;
    this.consumed += count;
    while (this.start >= this.end) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.start -= this.end;
      this.piece = next;
      this.end = next.length;
      this.owned = false;
      this.waitingBytes -= next.length;
    }
  }
}
