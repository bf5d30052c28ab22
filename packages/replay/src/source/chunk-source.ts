import { type CaptureItem, CaptureReader } from '../format/capture-reader';
import type { FrameCodec } from '../format/frame-codec';

/** A capture's bytes in order, in chunks of any size. Each chunk is its own memory: the reader keeps views of it. */
export type ChunkSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** All items of a source, as they arrive. Errors of the source itself (a read that fails) are thrown. */
export async function* readCapture(source: ChunkSource, codec?: FrameCodec): AsyncGenerator<CaptureItem> {
  const reader = new CaptureReader(codec);
  for await (const chunk of source) yield* reader.push(chunk);
  yield* reader.end();
}

/** Bytes that are in memory. */
export function bytesSource(bytes: Uint8Array): ChunkSource {
  return [bytes];
}

/** A browser's file, or the body of a response. */
export async function* streamSource(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        finished = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!finished) await reader.cancel();
    reader.releaseLock();
  }
}

/** A file that a person chose in the browser: read piece by piece, never whole. */
export function blobSource(blob: Blob): ChunkSource {
  return streamSource(blob.stream());
}
