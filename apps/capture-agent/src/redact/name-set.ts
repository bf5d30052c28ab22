/** Names that a value's secrecy hangs on, compared without case. Letters, digits, `-` and `_` only. */
export interface NameSet {
  readonly names: readonly string[];
  /** By last letter, in lower-case bytes: a mark is preceded by the end of a name. */
  readonly byLastByte: readonly (readonly Uint8Array[] | undefined)[];
}

/** Names masked unless `--no-redact` is given. */
export const DEFAULT_NAMES: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'api_key',
  'apikey',
  'x-auth-token',
  'x-access-token',
  'x-csrf-token',
  'x-amz-security-token',
  'password',
  'passwd',
  'pwd',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'session_token',
];

export const NAME_PATTERN = /^[a-z0-9_-]{1,64}$/i;

export function nameSet(names: readonly string[]): NameSet {
  const unique = [...new Set(names.map((name) => name.toLowerCase()))];
  const byLastByte: Uint8Array[][] = [];
  for (const name of unique) {
    const bytes = Buffer.from(name, 'latin1');
    const last = bytes[bytes.length - 1]!;
    byLastByte[last] = [...(byLastByte[last] ?? []), bytes];
  }
  return { names: unique, byLastByte };
}

const lower = (byte: number) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
const isNameByte = (byte: number) =>
  (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;

/** Where the name begins that ends before `end` and is one of the set; −1 when none does. */
export function matchesName({ byLastByte }: NameSet, bytes: Uint8Array, from: number, end: number): number {
  // A blank may stand between a name and its mark.
  while (end > from && bytes[end - 1] === 0x20) end -= 1;
  if (end <= from) return -1;
  for (const name of byLastByte[lower(bytes[end - 1]!)] ?? []) {
    const start = end - name.length;
    if (start < from || (start > from && isNameByte(lower(bytes[start - 1]!)))) continue;
    let i = 0;
    while (i < name.length && lower(bytes[start + i]!) === name[i]) i += 1;
    if (i === name.length) return start;
  }
  return -1;
}
