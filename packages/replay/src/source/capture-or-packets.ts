import { type CaptureItem, CaptureReader } from '../format/capture-reader';
import type { FrameCodec } from '../format/frame-codec';
import type { ChunkSource } from './chunk-source';
import { isPacketFile } from './pcap/packet-file-reader';
import { PacketSource } from './pcap/packet-source';

/** As many bytes tell the one from the other. */
const MAGIC_BYTES = 4;

/**
 * All items of a source that is a capture, or a pcap or pcapng file; the first bytes tell. `name`: the file's, for
 * packets whose interface is not named. Errors of the source itself are thrown.
 */
export async function* readCaptureOrPackets(
  source: ChunkSource,
  name?: string,
  codec?: FrameCodec,
): AsyncGenerator<CaptureItem> {
  let head: Uint8Array = new Uint8Array(0);
  let reader: CaptureReader | PacketSource | undefined;
  for await (const chunk of source) {
    if (reader !== undefined) {
      yield* reader.push(chunk);
      continue;
    }
    head = head.length === 0 ? chunk : Uint8Array.of(...head, ...chunk);
    if (head.length < MAGIC_BYTES) continue;
    reader = isPacketFile(head) ? new PacketSource(name) : new CaptureReader(codec);
    yield* reader.push(head);
  }
  if (reader === undefined) {
    reader = new CaptureReader(codec);
    yield* reader.push(head);
  }
  yield* reader.end();
}
