import { Gunzip, gzipSync } from 'fflate';
import { crc32 } from './crc32';

/** Checksum and compression of frames. There are two: this portable one, and Node's zlib, which is several times faster. */
export interface FrameCodec {
  crc32(bytes: Uint8Array): number;
  gzip(bytes: Uint8Array): Uint8Array;
  /** The inflated bytes; `undefined` when `bytes` is no whole gzip stream or would inflate to more than `limit` bytes. */
  gunzip(bytes: Uint8Array, limit: number): Uint8Array | undefined;
}

/** deflate expands to at most 1032 times its input, so a push of this size allocates 17 MB at the most. */
const INFLATE_STEP = 16 * 1024;

/** Shortest gzip stream: head and trailer. */
const MIN_GZIP_BYTES = 18;

class TooLarge extends Error {}

function gunzip(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  if (bytes.length < MIN_GZIP_BYTES) return undefined;
  const pieces: Uint8Array[] = [];
  let size = 0;
  let finished = false;
  const stream = new Gunzip((piece, final) => {
    size += piece.length;
    if (size > limit) throw new TooLarge();
    pieces.push(piece);
    finished = final;
  });
  try {
    for (let i = 0; i < bytes.length; i += INFLATE_STEP) {
      stream.push(bytes.subarray(i, i + INFLATE_STEP), i + INFLATE_STEP >= bytes.length);
    }
  } catch {
    return undefined;
  }
  // The trailer ends with the inflated size; fflate does not look at it.
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4);
  return finished && trailer.getUint32(0, true) === size ? concatBytes(pieces, size) : undefined;
}

function concatBytes(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Runs anywhere, browser workers included. */
export const portableCodec: FrameCodec = {
  crc32,
  // Level 6 is zlib's default; a fixed time stamp keeps the bytes the same from run to run.
  gzip: (bytes) => gzipSync(bytes, { level: 6, mtime: 0 }),
  gunzip,
};
