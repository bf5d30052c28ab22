/** What a file that is no capture may be. */
export type ForeignFormat =
  | 'gzip'
  | 'zip'
  | 'zstd'
  | 'xz'
  | 'pcap'
  | 'pcapng'
  | 'har'
  | 'json'
  | 'html'
  | 'elf'
  | 'text'
  | 'mangled';

const SIGNATURES: readonly (readonly [ForeignFormat, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['pcapng', [0x0a, 0x0d, 0x0d, 0x0a]],
  ['pcap', [0xa1, 0xb2, 0xc3, 0xd4]],
  ['pcap', [0xd4, 0xc3, 0xb2, 0xa1]],
  ['pcap', [0xa1, 0xb2, 0x3c, 0x4d]],
  ['pcap', [0x4d, 0x3c, 0xb2, 0xa1]],
  // With the modified magic, record heads are longer.
  ['pcap', [0xa1, 0xb2, 0xcd, 0x34]],
  ['pcap', [0x34, 0xcd, 0xb2, 0xa1]],
  ['elf', [0x7f, 0x45, 0x4c, 0x46]],
];

/** Guesses from the first bytes (a few hundred are enough). */
export function recogniseForeign(head: Uint8Array): ForeignFormat | undefined {
  for (const [format, signature] of SIGNATURES) {
    if (signature.every((byte, i) => head[i] === byte)) return format;
  }
  const text = new TextDecoder('latin1').decode(head);
  // The magic survives a text-mode transfer in part: its letters do, the bytes before them do not.
  if (text.slice(0, 24).includes('CAUSEWAY')) return 'mangled';
  const start = text.replace(/^ï»¿/, '').trimStart();
  if (/^<(!doctype|html)/i.test(start)) return 'html';
  if (/^\{\s*"log"\s*:/.test(start)) return 'har';
  if (/^[{[]/.test(start)) return 'json';
  return head.length > 0 && head.every(isTextByte) ? 'text' : undefined;
}

function isTextByte(byte: number): boolean {
  return byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
