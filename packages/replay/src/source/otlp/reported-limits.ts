import type { AttributeMap, AttributeValue } from '@causeway/core';

/** What is kept of a span that came by OTLP, so that no program can make a frame as large as it likes. */
export const MAX_ATTRIBUTES = 128;
export const MAX_EVENTS = 128;
export const MAX_LINKS = 128;
/** Characters of a text. */
export const MAX_TEXT = 16_384;
/** Lists and maps within an attribute's value. */
export const MAX_VALUE_DEPTH = 4;
/** Members of a list or map. */
export const MAX_MEMBERS = 1024;

export const cutText = (text: string): string => (text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);

/** Attributes as they come, one by one. No prototype: a key may be any string. */
export class AttributeBuilder {
  readonly map: Record<string, AttributeValue> = Object.create(null);
  private count = 0;

  constructor(private readonly limit = MAX_ATTRIBUTES) {}

  set(key: string, value: AttributeValue | undefined): void {
    if (value === undefined || this.count >= this.limit) return;
    this.count++;
    this.map[cutText(key)] = value;
  }
}

export const NO_ATTRIBUTES: AttributeMap = Object.freeze(Object.create(null));

/** A double where it is exact, else the bigint itself. */
export function integerValue(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const NIBBLES = '0123456789abcdef';

export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += NIBBLES[byte >> 4]! + NIBBLES[byte & 15]!;
  return text;
}

/** Standard base64 with padding (RFC 4648, section 4), of as many bytes as a text may have characters for. */
export function base64Text(bytes: Uint8Array): string {
  const kept = bytes.subarray(0, (MAX_TEXT / 4) * 3);
  let binary = '';
  for (const byte of kept) binary += String.fromCharCode(byte);
  return btoa(binary);
}
