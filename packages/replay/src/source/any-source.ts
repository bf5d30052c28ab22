import { type CaptureItem, CaptureReader } from '../format/capture-reader';
import type { FrameCodec } from '../format/frame-codec';
import type { ChunkSource } from './chunk-source';
import { OtlpSource } from './otlp/otlp-source';
import { OTLP_HEAD_BYTES, recogniseOtlp } from './otlp/recognise-otlp';
import { isPacketFile } from './pcap/packet-file-reader';
import { PacketSource } from './pcap/packet-source';

/**
 * All items of a source that is a capture, a pcap or pcapng file, or spans in OTLP; the first bytes tell. `name`: the
 * file's, for packets whose interface is not named. Errors of the source itself are thrown.
 */
export async function* readAnySource(
  source: ChunkSource,
  name?: string,
  codec?: FrameCodec,
): AsyncGenerator<CaptureItem> {
  let head: Uint8Array = new Uint8Array(0);
  let reader: CaptureReader | OtlpSource | PacketSource | undefined;
  for await (const chunk of source) {
    if (reader !== undefined) {
      yield* reader.push(chunk);
      continue;
    }
    head = head.length === 0 ? chunk : Uint8Array.of(...head, ...chunk);
    if (head.length < OTLP_HEAD_BYTES) continue;
    reader = readerFor(head, name, codec);
    yield* reader.push(head);
  }
  if (reader === undefined) {
    reader = readerFor(head, name, codec);
    yield* reader.push(head);
  }
  yield* reader.end();
}

function readerFor(
  head: Uint8Array,
  name: string | undefined,
  codec: FrameCodec | undefined,
): CaptureReader | OtlpSource | PacketSource {
  if (isPacketFile(head)) return new PacketSource(name, codec);
  const otlp = recogniseOtlp(head.subarray(0, OTLP_HEAD_BYTES));
  return otlp === undefined ? new CaptureReader(codec) : new OtlpSource(otlp);
}

/** Whether a file that begins with these bytes (64 are enough) is something that `import` makes a capture of. */
export function isImportable(head: Uint8Array): boolean {
  return isPacketFile(head) || recogniseOtlp(head.subarray(0, OTLP_HEAD_BYTES)) !== undefined;
}
