import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const CHUNK_BYTES = 1024 * 1024;

/** A file's bytes from its beginning to its present end. Throws the system's error, ENOENT and so on. */
export async function* fileSource(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    yield* readFrom(file, 0);
  } finally {
    await file.close();
  }
}

export interface FollowOptions {
  /** Asked at the file's present end: whether it will not grow any more. */
  isComplete(): boolean | Promise<boolean>;
  /** Stops following; the iterator then ends without an error. */
  readonly signal?: AbortSignal;
  /** Pause before looking for more, milliseconds. Default 200. */
  readonly pollMs?: number;
}

/** A growing file's bytes, as they are appended, until it is complete. */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<Uint8Array> {
  const { signal, pollMs = 200 } = options;
  const file = await open(path, 'r');
  try {
    let position = 0;
    while (!signal?.aborted) {
      // Asked before reading: what was appended before the answer is read after it.
      const complete = await options.isComplete();
      const before = position;
      for await (const chunk of readFrom(file, position)) {
        position += chunk.length;
        yield chunk;
        if (signal?.aborted) return;
      }
      if (complete) return;
      if (position === before) await delay(pollMs, undefined, signal && { signal }).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

/** Reads the next chunk while the consumer is busy with the last one. */
async function* readFrom(file: FileHandle, start: number): AsyncGenerator<Uint8Array> {
  let next = readChunk(file, start);
  try {
    for (let position = start; ; ) {
      const chunk = await next;
      if (chunk.length === 0) return;
      position += chunk.length;
      next = readChunk(file, position);
      // An error waits until the consumer asks for the chunk.
      next.catch(() => {});
      yield chunk;
    }
  } finally {
    // A consumer that stops early leaves a read under way, and the file must not be closed before.
    await next.catch(() => {});
  }
}

/** Empty = the file ends there. */
async function readChunk(file: FileHandle, position: number): Promise<Uint8Array> {
  // A new piece of memory each time, not from Node's pool: the reader keeps views.
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead);
}
