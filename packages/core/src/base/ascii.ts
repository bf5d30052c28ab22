/** Byte values that parsers name. */
export const CR = 0x0d;
export const LF = 0x0a;
export const SPACE = 0x20;

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

export function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Visible ASCII or space. */
export function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** Value of a hexadecimal digit, −1 if it is none. */
export function hexValue(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Code units of an ASCII literal, for comparing with bytes. */
export function codes(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether `bytes` holds `expected` at `start`, as far as `end` allows: a shorter rest that agrees is a match too. */
export function agrees(bytes: Uint8Array, start: number, end: number, expected: readonly number[]): boolean {
  const stop = Math.min(end - start, expected.length);
  for (let i = 0; i < stop; i += 1) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

/**
 * Number of a text of nothing but decimal digits, 15 at the most; NaN of any other. `Number` would take 1.5, 1e3, 0x10 and
 * nothing at all, too.
 */
export function decimal(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
