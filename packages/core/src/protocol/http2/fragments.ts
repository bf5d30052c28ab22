import type { Cursor } from '../../base/cursor';
import { Flag, FRAME_HEAD, FrameHead, FrameType } from './frames';

/** A header block of more bytes is read no further than this. Servers refuse at 8 to 64 KiB. */
const MAX_BLOCK = 128 * 1024;

/** The header block of a HEADERS or PUSH_PROMISE frame and the CONTINUATIONs behind it: RFC 9113, section 4.3. */
export class Fragments {
  /** The block stands in `bytes[start..end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Of all the frames, on the wire. */
  length = 0;
  private readonly next = new FrameHead();

  /** Collects from the frame at the cursor, whose head is `head`. `cut` = of the block only the beginning is there. */
  collect(cursor: Cursor, head: FrameHead): 'whole' | 'cut' | 'more' | 'invalid' {
    const { bytes, position } = cursor;
    this.bytes = bytes;
    this.length = FRAME_HEAD + head.length;
    const frameEnd = position + this.length;
    if (head.length > MAX_BLOCK) return 'invalid';
    if (frameEnd > cursor.end && !cursor.cut) return 'more';
    const padding = head.has(Flag.padded) ? Math.max(cursor.peek(FRAME_HEAD), 0) : 0;
    this.start = position + FRAME_HEAD + head.prefix;
    const blockEnd = frameEnd - padding;
    if (blockEnd < this.start) return 'invalid';
    this.end = Math.max(Math.min(blockEnd, cursor.end), this.start);
    if (this.start > cursor.end) this.start = this.end = cursor.end;
    if (blockEnd > cursor.end) return 'cut';
    return head.has(Flag.endHeaders) ? 'whole' : this.continue(cursor, frameEnd, head.stream);
  }

  private continue(cursor: Cursor, from: number, stream: number): 'whole' | 'cut' | 'more' | 'invalid' {
    const { bytes, position, end, cut } = cursor;
    const { next } = this;
    const parts = [bytes.subarray(this.start, this.end)];
    let at = from;
    let result: 'whole' | 'cut' = 'cut';
    while (at - position < MAX_BLOCK) {
      if (at + FRAME_HEAD > end) {
        if (!cut) return 'more';
        break;
      }
      next.read(bytes, at);
      if (next.type !== FrameType.continuation || next.stream !== stream || next.length > MAX_BLOCK) return 'invalid';
      const frameEnd = at + FRAME_HEAD + next.length;
      if (frameEnd > end && !cut) return 'more';
      parts.push(bytes.subarray(at + FRAME_HEAD, Math.min(frameEnd, end)));
      at = frameEnd;
      if (frameEnd > end) break;
      if (next.has(Flag.endHeaders)) {
        result = 'whole';
        break;
      }
    }
    this.length = at - position;
    this.join(parts);
    return result;
  }

  private join(parts: readonly Uint8Array[]): void {
    this.bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    this.start = 0;
    this.end = 0;
    for (const part of parts) {
      this.bytes.set(part, this.end);
      this.end += part.length;
    }
  }
}
