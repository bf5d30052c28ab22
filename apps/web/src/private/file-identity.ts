import { Hash64 } from '@causeway/core';
import { crc32 } from '@causeway/replay';

/** Looked at in three places: at the beginning, where a capture names itself, in the middle and at the end. */
const SAMPLE_BYTES = 64 * 1024;

/**
 * 32 hex digits that tell a file from others, so that an address leads to the same file once it is chosen again. A name,
 * no proof: files of one length that differ elsewhere have the same one.
 */
export async function identityOf(file: Blob): Promise<string> {
  const hash = new Hash64().add(file.size);
  for (const at of [0, file.size / 2 - SAMPLE_BYTES / 2, file.size - SAMPLE_BYTES]) {
    const from = Math.max(0, Math.floor(at));
    hash.add(crc32(new Uint8Array(await file.slice(from, from + SAMPLE_BYTES).arrayBuffer())));
  }
  return hash.hex() + new Hash64(hash).add(1).hex();
}

/** Of several that are read together, in whatever order they were chosen. */
export function identityOfAll(ids: readonly string[]): string {
  const hash = new Hash64();
  for (const id of ids.toSorted()) hash.addText(id);
  return hash.hex() + new Hash64(hash).add(1).hex();
}
