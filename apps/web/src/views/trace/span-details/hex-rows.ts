const BYTES_PER_ROW = 16;

/** One line of a dump: offset, the bytes in hex, the same as ASCII with a dot for what cannot be shown. */
export interface HexRow {
  readonly offset: string;
  readonly hex: string;
  readonly ascii: string;
}

export function hexRows(bytes: Uint8Array): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_ROW) {
    const row = bytes.subarray(at, at + BYTES_PER_ROW);
    const pairs = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    rows.push({
      offset: at.toString(16).padStart(4, '0'),
      hex: `${pairs.slice(0, 8).join(' ').padEnd(23)}  ${pairs.slice(8).join(' ')}`,
      ascii: Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join(''),
    });
  }
  return rows;
}

export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
