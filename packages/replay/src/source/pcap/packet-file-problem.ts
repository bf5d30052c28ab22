import type { CaptureProblem } from '../../format/capture-problem';
import type { ChunkSource } from '../chunk-source';
import { isKnownLinkType } from './link-layer';
import { PacketFileReader } from './packet-file-reader';

/** So many bytes without a frame that can be read are enough to look at: the rest is for whoever reads the file. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Looks whether there is anything to read in a pcap or pcapng file, by its first frames. Returns why not; damage behind a
 * frame that can be read is not looked for.
 */
export async function packetFileProblem(source: ChunkSource): Promise<CaptureProblem | undefined> {
  const reader = new PacketFileReader();
  const linkTypes = new Set<number>();
  let seen = 0;
  for await (const chunk of source) {
    reader.push(chunk, ({ linkType }) => linkTypes.add(linkType));
    seen += chunk.length;
    if (seen > MOST_BYTES || [...linkTypes].some(isKnownLinkType)) return undefined;
  }
  if (linkTypes.size > 0) return { kind: 'unknown-link-type', linkTypes: [...linkTypes] };
  const end = reader.end();
  switch (end.kind) {
    case 'whole':
      return { kind: 'no-packets' };
    case 'truncated':
      return end;
    case 'corrupt':
      return { kind: 'corrupt', from: end.from, to: end.to, reason: { kind: 'payload', detail: end.detail } };
  }
}
