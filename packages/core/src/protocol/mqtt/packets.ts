import { decodeText } from '../../base/text';

/**
 * MQTT 3.1.1 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html) and 5 (…/mqtt/v5.0/mqtt-v5.0.html), section 2
 *
 *   packet     = type (4 bits) flags (4 bits) · remaining length (1 to 4 bytes of 7 bits) · variable header · payload
 *   CONNECT    = "MQTT" or "MQIsdp" (string) · level (1) · flags (1) · keep alive (2) · [properties] · client id …
 *   PUBLISH    = topic (string) · [id (2), QoS 1 and 2] · [properties] · payload
 *   SUBSCRIBE  = id (2) · [properties] · 1*( filter (string) · options (1) )
 *   string     = length (2) · UTF-8           properties (version 5 only) = length (varint) · *( id · value )
 */
export const Packet = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

export const PACKET_NAMES = [
  '',
  'Connect',
  'Connack',
  'Publish',
  'Puback',
  'Pubrec',
  'Pubrel',
  'Pubcomp',
  'Subscribe',
  'Suback',
  'Unsubscribe',
  'Unsuback',
  'Pingreq',
  'Pingresp',
  'Disconnect',
  'Auth',
] as const;

/** What a reader knows of the packet whose fixed header it read. */
export interface FixedHeader {
  readonly type: number;
  readonly flags: number;
  /** Bytes of the fixed header. */
  readonly size: number;
  readonly remaining: number;
}

/** The fixed header at `at`; `more` when it is not whole, `invalid` when type, flags and length do not agree. */
export function fixedHeader(bytes: Uint8Array, at: number, end: number): FixedHeader | 'more' | 'invalid' {
  if (at >= end) return 'more';
  const type = bytes[at]! >> 4;
  const flags = bytes[at]! & 15;
  const mustBe = type === Packet.pubrel || type === Packet.subscribe || type === Packet.unsubscribe ? 2 : 0;
  if (type === 0 || (type === Packet.publish ? (flags & 6) === 6 : flags !== mustBe)) return 'invalid';
  const length = varint(bytes, at + 1, end);
  if (length === undefined) return end - at > 4 ? 'invalid' : 'more';
  return { type, flags, size: 1 + length.size, remaining: length.value };
}

/** Variable byte integer: seven bits a byte, least first, at most four bytes. */
export function varint(bytes: Uint8Array, at: number, end: number): { value: number; size: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4 && at + i < end; i += 1) {
    const byte = bytes[at + i]!;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, size: i + 1 };
  }
  return undefined;
}

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Text of the string at `at`, as far as it is there, and the place behind it. */
export function readString(bytes: Uint8Array, at: number, end: number): { text: string; next: number } {
  const next = at + 2 + u16(bytes, at);
  return { text: decodeText(bytes, at + 2, Math.min(next, end)), next };
}

/** Sizes of the properties' values: a number of bytes, `v` a variable byte integer, `s` one string, `p` two. */
const PROPERTIES: Readonly<Record<number, number | 'v' | 's' | 'p'>> = {
  1: 1,
  2: 4,
  3: 's',
  8: 's',
  9: 's',
  11: 'v',
  17: 4,
  18: 's',
  19: 2,
  21: 's',
  22: 's',
  23: 1,
  24: 4,
  25: 1,
  26: 's',
  28: 's',
  31: 's',
  33: 2,
  34: 2,
  35: 2,
  36: 1,
  37: 1,
  38: 'p',
  39: 4,
  40: 1,
  41: 1,
  42: 1,
};
const USER_PROPERTY = 38;
const CORRELATION_DATA = 9;
const TOPIC_ALIAS = 35;

export interface Properties {
  /** Where they end. */
  next: number;
  topicAlias: number;
  /** In hex. */
  correlation?: string;
}

/** Reads the properties at `at`; user properties go to `user`. */
export function readProperties(
  bytes: Uint8Array,
  at: number,
  end: number,
  user: (name: string, value: string) => void,
): Properties {
  const length = varint(bytes, at, end);
  if (length === undefined) return { next: end, topicAlias: 0 };
  const stop = Math.min(end, at + length.size + length.value);
  const result: Properties = { next: at + length.size + length.value, topicAlias: 0 };
  let next = at + length.size;
  while (next < stop) {
    const id = bytes[next]!;
    const kind = PROPERTIES[id];
    next += 1;
    if (kind === undefined) break;
    if (id === TOPIC_ALIAS) result.topicAlias = u16(bytes, next);
    if (kind === 'v') next += varint(bytes, next, stop)?.size ?? stop;
    else if (typeof kind === 'number') next += kind;
    else {
      const first = readString(bytes, next, stop);
      if (id === CORRELATION_DATA && first.next <= stop) result.correlation = binaryText(bytes, next + 2, first.next);
      next = first.next;
      if (kind === 's') continue;
      const second = readString(bytes, next, stop);
      next = second.next;
      if (id === USER_PROPERTY && next <= stop) user(first.text, second.text);
    }
  }
  return result;
}

/** Two hex digits a byte. */
function binaryText(bytes: Uint8Array, start: number, end: number): string {
  return Array.from(bytes.subarray(start, end), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
