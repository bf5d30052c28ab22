import { SegmentedOutput } from './segmented-output';

export interface RotationOptions {
  readonly bytes?: number;
  readonly seconds?: number;
  /** Files kept, the newest ones; absent = all. */
  readonly keep?: number;
}

const SUFFIX = /(\.causeway\.msgpack|\.[^./]+)?$/;

/** `shop.causeway.msgpack` → `shop.0001.causeway.msgpack`; anything else before its last suffix. */
export function numberedPath(path: string, mark: number | string): string {
  const text = typeof mark === 'number' ? String(mark).padStart(4, '0') : mark;
  return path.replace(SUFFIX, (suffix) => `.${text}${suffix}`);
}

/** The files of `record` with one of the rotate options. */
export function rotatingOutput(path: string, { bytes, seconds, keep }: RotationOptions): SegmentedOutput {
  return new SegmentedOutput({
    pathOf: (number) => numberedPath(path, number),
    ...(bytes !== undefined && { segmentBytes: bytes }),
    ...(seconds !== undefined && { segmentSeconds: seconds }),
    // The file being written is one of those to keep.
    retire: (ended) => (keep === undefined ? 0 : Math.max(0, ended.length + 1 - keep)),
  });
}
