import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Segment, SegmentedOutput } from '../output/segmented-output';
import { CaptureFile } from '../record/capture-file';

export interface FlightRingOptions {
  /** Where the files lie; made when it is not there. */
  readonly folder: string;
  /** How far back a dump reaches, and how much the files may take up. */
  readonly seconds: number;
  readonly bytes: number;
}

export interface Dump {
  readonly path: string;
  readonly bytes: number;
  /** From the oldest byte to now. */
  readonly seconds: number;
}

/** The window is kept in so many files: what is given up goes in steps of this part of it. */
const PARTS = 10;
const MIN_SEGMENT_SECONDS = 0.5;
const COPY_BYTES = 1024 * 1024;
export const SEGMENT_SUFFIX = '.causeway.msgpack';

/**
 * The last minutes of a recording, on disk: a crash of the agent does not lose them, and they do not take up memory. A
 * dump is the files one behind the other, which is a capture.
 */
export class FlightRing {
  readonly output: SegmentedOutput;

  constructor(private readonly options: FlightRingOptions) {
    const { folder, seconds, bytes } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.output = new SegmentedOutput({
      pathOf: (number) => join(folder, `${String(number).padStart(8, '0')}${SEGMENT_SUFFIX}`),
      segmentBytes: Math.max(1, Math.floor(bytes / PARTS)),
      segmentSeconds: Math.max(MIN_SEGMENT_SECONDS, seconds / PARTS),
      retire: (ended, now) => tooMany(ended, now - seconds, bytes * (1 - 1 / PARTS)),
    });
  }

  /** What a dump would hold. */
  get held(): { readonly bytes: number; readonly seconds: number } {
    const { segments } = this.output;
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { bytes, seconds: performance.now() / 1000 - segments[0]!.begun };
  }

  /** Writes what is held to a file. Throws what writing throws; the ring goes on in either case. */
  dump(path: string): Promise<Dump> {
    return this.output.holding(async () => {
      const now = performance.now() / 1000;
      await this.output.next();
      const segments = this.output.segments.filter(({ ended }) => ended !== undefined);
      if (segments.length === 0) throw new Error('nothing is held');
      const bytes = concatenate(
        segments.map((segment) => segment.path),
        path,
      );
      return { path, bytes, seconds: now - segments[0]!.begun };
    });
  }

  /** Gives up all of it. */
  remove(): void {
    rmSync(this.options.folder, { recursive: true, force: true });
  }
}

/** How many of the oldest end before `from`, or are more than `bytes` hold. */
function tooMany(ended: readonly Segment[], from: number, bytes: number): number {
  let total = ended.reduce((sum, segment) => sum + segment.bytes, 0);
  let count = 0;
  while (count < ended.length && (ended[count]!.ended! < from || total > bytes)) total -= ended[count++]!.bytes;
  return count;
}

/** Writes captures one behind the other into a new file; returns its size. Throws what writing throws, leaving no half file. */
export function concatenate(paths: readonly string[], output: string): number {
  const file = new CaptureFile(output);
  try {
    const piece = Buffer.allocUnsafe(COPY_BYTES);
    for (const path of paths) {
      const fd = openSync(path, 'r');
      try {
        for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece)) {
          file.write(piece.subarray(0, length));
        }
      } finally {
        closeSync(fd);
      }
    }
  } catch (error) {
    rmSync(output, { force: true });
    throw error;
  } finally {
    file.close();
  }
  return statSync(output).size;
}
