import { BadPayload, isMap, type PayloadList, type PayloadMap, type PayloadValue } from './payload-decoding';

/** Typed access to the keys of a payload map. Each throws BadPayload, naming the key, when the value is not of its type. */

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

function bad(key: string, expected: string): never {
  throw new BadPayload(`${key} is not ${expected}`);
}

/** An integer that a double holds exactly, from whichever of msgpack's forms. */
export function integer(map: PayloadMap, key: string, fallback?: number): number {
  const value = map[key];
  if (value === undefined && fallback !== undefined) return fallback;
  return asInteger(value, key);
}

export function asInteger(value: PayloadValue | undefined, key: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : bad(key, 'an integer');
}

/** An unsigned 64-bit integer. */
export function uint64(map: PayloadMap, key: string): bigint {
  return asUint64(map[key], key);
}

export function asUint64(value: PayloadValue | undefined, key: string): bigint {
  const wide = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof wide === 'bigint' && wide >= 0n && wide <= MAX_UINT64 ? wide : bad(key, 'an unsigned integer');
}

export function string(map: PayloadMap, key: string, fallback?: string): string {
  const value = map[key] ?? fallback;
  return typeof value === 'string' ? value : bad(key, 'a string');
}

export function bytes(map: PayloadMap, key: string): Uint8Array {
  const value = map[key];
  if (value === undefined) return new Uint8Array(0);
  return value instanceof Uint8Array ? value : bad(key, 'binary');
}

export function list(map: PayloadMap, key: string): PayloadList {
  const value = map[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : bad(key, 'a list');
}

export function strings(map: PayloadMap, key: string): string[] {
  return list(map, key).map((value) => (typeof value === 'string' ? value : bad(key, 'a list of strings')));
}

export function integers(map: PayloadMap, key: string): number[] {
  return list(map, key).map((value) => asInteger(value, key));
}

/** A map of strings; members of other types belong to a newer format and are left out. */
export function texts(map: PayloadMap, key: string): Record<string, string> {
  const entries = Object.entries(submap(map, key));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

export function maps(map: PayloadMap, key: string): PayloadMap[] {
  return list(map, key).map((value) => (isMap(value) ? value : bad(key, 'a list of maps')));
}

export function submap(map: PayloadMap, key: string): PayloadMap {
  const value = map[key];
  if (value === undefined) return {};
  return isMap(value) ? value : bad(key, 'a map');
}

/** A map of binary columns; members of other types belong to a newer format and are left out. */
export function columns(map: PayloadMap, key: string): Record<string, Uint8Array> {
  const result: Record<string, Uint8Array> = Object.create(null);
  for (const [name, value] of Object.entries(submap(map, key))) {
    if (value instanceof Uint8Array) result[name] = value;
  }
  return result;
}
