import { decodeText } from '../../base/text';

/** Length and flags of the frame at `at`; 'more' = its head is not whole. */
export interface Frame {
  readonly head: number;
  readonly length: number;
  readonly more: boolean;
  readonly command: boolean;
}

const Flag = { more: 1, long: 2, command: 4 } as const;
/** Larger frames do not occur outside of damage. */
const MAX_FRAME = 2 ** 40;

export function readFrame(bytes: Uint8Array, at: number, end: number): Frame | 'more' | 'invalid' {
  if (at >= end) return 'more';
  const flags = bytes[at]!;
  const command = (flags & Flag.command) !== 0;
  const more = (flags & Flag.more) !== 0;
  // A command is never followed by more of it.
  if (flags > 7 || (command && more)) return 'invalid';
  const head = (flags & Flag.long) !== 0 ? 9 : 2;
  if (at + head > end) return 'more';
  let length = 0;
  for (let i = 1; i < head; i += 1) length = length * 256 + bytes[at + i]!;
  return length > MAX_FRAME ? 'invalid' : { head, length, more, command };
}

/** The metadata of READY and INITIATE: name, its length (1) before it · value, its length (4) before it. */
export function readMetadata(bytes: Uint8Array, from: number, end: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let at = from;
  while (at < end && found.size < 64) {
    const value = at + 1 + bytes[at]!;
    if (value + 4 > end) break;
    const name = decodeText(bytes, at + 1, value).toLowerCase();
    const size =
      ((bytes[value]! << 24) | (bytes[value + 1]! << 16) | (bytes[value + 2]! << 8) | bytes[value + 3]!) >>> 0;
    at = value + 4 + size;
    found.set(name, decodeText(bytes, value + 4, Math.min(at, end)));
  }
  return found;
}
