import { rmSync } from 'node:fs';
import type { CaptureSink } from '@causeway/replay';
import { CaptureFile } from '../record/capture-file';

/** A file of a recording that goes through several: a capture by itself, and with those before it one long capture. */
export interface Segment {
  readonly path: string;
  readonly bytes: number;
  /** Seconds on the agent's own monotonic clock. */
  readonly begun: number;
  /** Absent while it is being written. */
  readonly ended?: number;
}

export interface SegmentedOutputOptions {
  /** Of the n-th file, from 1. */
  readonly pathOf: (number: number) => string;
  /** A file is ended when it is this large or this old; absent = never for that reason. */
  readonly segmentBytes?: number;
  readonly segmentSeconds?: number;
  /** How many of the oldest files, all of them ended, are no longer wanted. */
  readonly retire: (ended: readonly Segment[], now: number) => number;
}

/** What can be told to go on in another file: a `Recording`. */
export interface Rotatable {
  /** `open` is called when the turn of the new file has come; never, when the recording ends before. */
  rotate(open: () => CaptureSink): Promise<void>;
}

type OpenSegment = { -readonly [Key in keyof Segment]: Segment[Key] };

const seconds = () => performance.now() / 1000;

/**
 * A recording in files of limited size and age. Rotation and the flight recorder are this with different ideas of which
 * files to keep.
 */
export class SegmentedOutput {
  private readonly kept: OpenSegment[] = [];
  private file: CaptureFile;
  private count = 0;
  private recording: Rotatable | undefined;
  private rotating: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private held = 0;

  constructor(private readonly options: SegmentedOutputOptions) {
    this.file = this.open();
  }

  /** Of the first file; the following ones get theirs through `Recording.rotate`. */
  readonly sink: CaptureSink = (bytes) => this.write(this.kept.at(-1)!, this.file, bytes);

  /** Oldest first; the last one is being written. */
  get segments(): readonly Segment[] {
    return this.kept;
  }

  /** From now on files are ended when their time has come. */
  begin(recording: Rotatable): void {
    this.recording = recording;
    const { segmentSeconds } = this.options;
    if (segmentSeconds !== undefined) {
      this.timer = setInterval(() => void this.next(), segmentSeconds * 1000);
      this.timer.unref();
    }
  }

  /** Ends the file and begins the next. Resolves when the ended one is whole. */
  next(): Promise<void> {
    this.rotating ??= this.rotate().finally(() => {
      this.rotating = undefined;
    });
    return this.rotating;
  }

  /** While `use` runs no file is given up. */
  async holding<Result>(use: () => Promise<Result>): Promise<Result> {
    this.held += 1;
    try {
      return await use();
    } finally {
      this.held -= 1;
      this.retire();
    }
  }

  /** Of a recording that never began. */
  discard(): void {
    this.file.discard();
  }

  /** After the recording has stopped. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.rotating;
    this.recording = undefined;
    this.file.close();
    this.kept.at(-1)!.ended ??= seconds();
  }

  private open(): CaptureFile {
    this.count += 1;
    const path = this.options.pathOf(this.count);
    const file = new CaptureFile(path);
    this.kept.push({ path, bytes: 0, begun: seconds() });
    return file;
  }

  private write(segment: OpenSegment, file: CaptureFile, bytes: Uint8Array): void {
    file.write(bytes);
    segment.bytes += bytes.length;
    const { segmentBytes } = this.options;
    if (segmentBytes !== undefined && segment.bytes >= segmentBytes && segment.ended === undefined) void this.next();
  }

  private async rotate(): Promise<void> {
    const [ended, endedFile] = [this.kept.at(-1)!, this.file];
    await this.recording?.rotate(() => {
      this.file = this.open();
      ended.ended = seconds();
      const [segment, file] = [this.kept.at(-1)!, this.file];
      return (bytes) => this.write(segment, file, bytes);
    });
    // A recording that is at its end goes on in no other file.
    if (ended.ended === undefined) return;
    endedFile.close();
    this.retire();
  }

  private retire(): void {
    if (this.held > 0) return;
    const ended = this.kept.filter((segment) => segment.ended !== undefined);
    const { length } = ended;
    const unwanted = Math.min(this.options.retire(ended, seconds()), length);
    for (const { path } of this.kept.splice(0, unwanted)) rmSync(path, { force: true });
  }
}
