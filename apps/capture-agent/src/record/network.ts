import { parseAddress } from '@causeway/replay';
import type { Prefix } from '../native/native-addon';

/** A network, with how it was written. */
export interface Network extends Prefix {
  readonly text: string;
}

const BITS = { 4: 32, 6: 128 } as const;

/** `10.0.0.0/8`, `[fd00::]/8`, or an address by itself; bits behind the prefix are ignored. `undefined` = none of these. */
export function parseNetwork(text: string): Network | undefined {
  const [, inBrackets, bare, digits] = /^(?:\[([^\]]+)\]|([^[\]/]+))(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(inBrackets ?? bare ?? '');
  if (parsed === undefined) return undefined;
  const { family, bytes } = parsed;
  const length = digits === undefined ? BITS[family] : Number(digits);
  if (length > BITS[family]) return undefined;
  const mask = Uint8Array.from({ length: 16 }, (_, i) => (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff);
  return { text, family, address: bytes.map((byte, i) => byte & mask[i]!), mask };
}
