import { MASK } from './named-values';

/** Passwords that protocols send in forms of their own, without a name beside them. */

const [STAR, DOLLAR, CR, LF, PASSWORD_MESSAGE] = [0x2a, 0x24, 0x0d, 0x0a, 0x70] as const;
const MAX_ARGUMENTS = 16;

/** One argument of a RESP array: its content's range. */
export interface RespArgument {
  readonly from: number;
  readonly to: number;
}

/**
 * The arguments of the RESP array of bulk strings (a Redis command) that begins at `at`; the last one may be cut.
 * `undefined` when there is no such array. `next` = behind it, as far as it is seen.
 */
export function respArguments(
  bytes: Uint8Array,
  at: number,
  to: number,
  most = MAX_ARGUMENTS,
): { readonly found: readonly RespArgument[]; readonly next: number } | undefined {
  if (bytes[at] !== STAR) return undefined;
  const head = line(bytes, at + 1, to);
  if (head === undefined || head.value < 1) return undefined;
  const found: RespArgument[] = [];
  let next = head.next;
  for (let i = 0; i < head.value && next < to; i += 1) {
    if (bytes[next] !== DOLLAR) return undefined;
    const size = line(bytes, next + 1, to);
    if (size === undefined) break;
    if (i < most) found.push({ from: size.next, to: Math.min(to, size.next + size.value) });
    next = size.next + size.value + 2;
  }
  return { found, next: Math.min(next, to) };
}

/** A decimal number and CRLF. */
function line(
  bytes: Uint8Array,
  at: number,
  to: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  let i = at;
  for (; i < to && bytes[i]! >= 0x30 && bytes[i]! <= 0x39 && i - at < 9; i += 1) value = value * 10 + bytes[i]! - 0x30;
  return i > at && bytes[i] === CR && bytes[i + 1] === LF ? { value, next: i + 2 } : undefined;
}

export function maskRange(bytes: Uint8Array, { from, to }: RespArgument): void {
  bytes.fill(MASK, from, to);
}

const wordAt = (bytes: Uint8Array, { from, to }: RespArgument) =>
  to - from > 8 ? '' : String.fromCharCode(...bytes.subarray(from, to)).toUpperCase();

/** Redis `AUTH [user] password` and `HELLO 3 AUTH user password`, in every command of a pipeline. */
export function maskRedisAuth(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const command = respArguments(bytes, at, to);
    if (command === undefined) return;
    const words = command.found.map((argument) => wordAt(bytes, argument));
    const auth = words[0] === 'AUTH' ? 0 : words[0] === 'HELLO' ? words.indexOf('AUTH') : -1;
    if (auth >= 0) for (const argument of command.found.slice(auth + 1)) maskRange(bytes, argument);
    if (command.next <= at) return;
    at = command.next;
  }
}

/** PostgreSQL's PasswordMessage: `p`, a length that includes itself, the password and a zero. */
export function maskPostgresPassword(bytes: Uint8Array, from: number, to: number): void {
  if (bytes[from] !== PASSWORD_MESSAGE || to - from < 6 || bytes[from + 1] !== 0 || bytes[from + 2] !== 0) return;
  const length = (bytes[from + 3]! << 8) | bytes[from + 4]!;
  if (length < 5 || length + 1 > to - from) return;
  bytes.fill(MASK, from + 5, from + length);
}
