const SUFFIX = /\.(causeway\.msgpack|pcap|pcapng|cap)$/i;

/** What a capture is called at first: its file's name without what every such name ends in. */
export function captureName(fileName: string): string {
  return fileName.replace(SUFFIX, '') || fileName;
}
