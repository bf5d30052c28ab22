import { SocketFamily } from './event-columns';

/** Text of an address as it is stored: 16 bytes, a v4 address in the first four. v6 as RFC 5952, v4-mapped as v4. */
export function formatAddress(family: number, bytes: Uint8Array): string {
  if (family === SocketFamily.v4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  if (isV4Mapped(bytes)) return bytes.subarray(12, 16).join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8) | bytes[i + 1]!);
  const [zerosAt, zeros] = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  // RFC 5952, 4.2.2: `::` must not shorten just one group.
  if (zeros < 2) return text(groups);
  return `${text(groups.slice(0, zerosAt))}::${text(groups.slice(zerosAt + zeros))}`;
}

function isV4Mapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** Start and length of the first of the longest runs of zeros. */
function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best[1]) best = [i - length + 1, length];
  });
  return best;
}

/** The 16 stored bytes and the family of an address in text; v4-mapped becomes v4. `undefined` = not an address. */
export function parseAddress(text: string): { readonly family: 4 | 6; readonly bytes: Uint8Array } | undefined {
  const bytes = new Uint8Array(16);
  const v4 = parseV4(text.toLowerCase().startsWith('::ffff:') ? text.slice(7) : text);
  if (v4 !== undefined) {
    bytes.set(v4);
    return { family: SocketFamily.v4, bytes };
  }
  const [head, tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = parseGroups(head!);
  const after = tail === undefined ? [] : parseGroups(tail);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  [...before, ...new Array<number>(missing).fill(0), ...after].forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return { family: SocketFamily.v6, bytes };
}

function parseV4(text: string): number[] | undefined {
  const parts = text.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return valid ? parts.map(Number) : undefined;
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((g) => Number.parseInt(g, 16))
    : undefined;
}
