import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of a segment after which the next one is begun: what is acknowledged is freed in steps of this size. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
const NAME = /^(\d{16})\.part$/;

interface Segment {
  /** Offset of its first byte in the capture. */
  readonly start: number;
  readonly fd: number;
  length: number;
}

/**
 * The bytes of a capture that the server has not acknowledged yet, in files named by their offset, so that they outlive
 * the agent.
 */
export class Spool {
  private readonly segments: Segment[] = [];

  /** Takes up what the folder holds, or begins at offset 0. */
  constructor(
    private readonly folder: string,
    private readonly segmentBytes = SEGMENT_BYTES,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const starts = readdirSync(folder)
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    for (const start of starts) {
      // A gap cannot come from us; what lies behind one is of no use.
      if (this.segments.length > 0 && start !== this.end) break;
      this.open(start);
    }
    if (this.segments.length === 0) this.open(0);
  }

  /** Offset of the first byte that is held. */
  get start(): number {
    return this.segments[0]!.start;
  }

  /** Offset after the last byte. */
  get end(): number {
    const last = this.segments.at(-1)!;
    return last.start + last.length;
  }

  append(bytes: Uint8Array): void {
    let last = this.segments.at(-1)!;
    if (last.length >= this.segmentBytes) last = this.open(this.end);
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(last.fd, bytes, at, bytes.length - at, last.length + at);
    }
    last.length += bytes.length;
  }

  /** At most `limit` bytes from `offset`, which lies between `start` and `end`; empty at the end. */
  read(offset: number, limit: number): Buffer {
    const segment = this.segments.findLast(({ start }) => start <= offset);
    if (segment === undefined) throw new RangeError(`offset ${offset} is no longer held`);
    const within = offset - segment.start;
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(limit, segment.length - within)));
    return bytes.subarray(0, readSync(segment.fd, bytes, 0, bytes.length, within));
  }

  /** Gives up the segments that end before or at `offset`. */
  release(offset: number): void {
    while (this.segments.length > 1 && this.segments[1]!.start <= offset) {
      const { fd, start } = this.segments.shift()!;
      closeSync(fd);
      rmSync(this.pathOf(start), { force: true });
    }
  }

  /** The files stay. */
  close(): void {
    for (const { fd } of this.segments.splice(0)) closeSync(fd);
  }

  private open(start: number): Segment {
    const fd = openSync(this.pathOf(start), 'a+', 0o600);
    const segment = { start, fd, length: fstatSync(fd).size };
    this.segments.push(segment);
    return segment;
  }

  private pathOf(start: number): string {
    return join(this.folder, `${String(start).padStart(16, '0')}.part`);
  }
}
