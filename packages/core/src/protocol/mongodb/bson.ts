import { decodeText } from '../../base/text';
import { little } from '../little-endian';

/**
 * BSON: https://bsonspec.org/spec.html (numbers are little endian)
 *
 *   document = length (4, counts itself) · elements · 0
 *   element  = type (1) · name NUL · value
 */
export const BsonType = {
  double: 1,
  string: 2,
  document: 3,
  array: 4,
  binary: 5,
  objectId: 7,
  boolean: 8,
  date: 9,
  null: 10,
  int32: 16,
  timestamp: 17,
  int64: 18,
} as const;

/** Sizes of the values that have one by their type. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [6, 0],
  [7, 12],
  [8, 1],
  [9, 8],
  [10, 0],
  [16, 4],
  [17, 8],
  [18, 8],
  [19, 16],
  [0xff, 0],
  [0x7f, 0],
]);
const MAX_NAME = 256;
const MAX_DEPTH = 8;
/** Values whose text is nobody's business. */
const SECRETS: ReadonlySet<string> = new Set(['payload', 'pwd', 'key', 'digestPassword']);

export interface Element {
  readonly type: number;
  readonly name: string;
  /** Where the value begins and ends; a value that is cut ends with the bytes. */
  readonly start: number;
  readonly end: number;
}

/** The elements of the document at `at`, as far as they are there and well-formed. */
export function* elements(bytes: Uint8Array, at: number, limit: number): Generator<Element> {
  const end = Math.min(limit, bytes.length, at + Math.max(little(bytes, at, 4), 4));
  let next = at + 4;
  while (next < end) {
    const type = bytes[next]!;
    if (type === 0) return;
    let zero = next + 1;
    while (zero < end && bytes[zero] !== 0 && zero - next <= MAX_NAME) zero += 1;
    if (zero >= end || bytes[zero] !== 0) return;
    const start = zero + 1;
    const size = valueSize(type, bytes, start, end);
    if (size < 0) return;
    yield { type, name: decodeText(bytes, next + 1, zero), start, end: Math.min(start + size, end) };
    next = start + size;
  }
}

function valueSize(type: number, bytes: Uint8Array, at: number, end: number): number {
  const fixed = SIZES.get(type);
  if (fixed !== undefined) return fixed;
  switch (type) {
    case BsonType.string:
    case 13:
    case 14:
      return 4 + little(bytes, at, 4);
    case BsonType.document:
    case BsonType.array:
    case 15:
      return Math.max(little(bytes, at, 4), 4);
    case BsonType.binary:
      return 5 + little(bytes, at, 4);
    case 12:
      return 16 + little(bytes, at, 4);
    case 11: {
      let zeros = 0;
      let next = at;
      for (; next < end && zeros < 2; next += 1) if (bytes[next] === 0) zeros += 1;
      return next - at;
    }
    default:
      return -1;
  }
}

/** A number, or the text of a string; undefined for all else. */
export function scalar(bytes: Uint8Array, { type, start, end }: Element): number | string | undefined {
  switch (type) {
    case BsonType.string:
      return decodeText(bytes, start + 4, Math.min(end, start + 4 + little(bytes, start, 4)) - 1);
    case BsonType.int32:
      return little(bytes, start, 4) | 0;
    case BsonType.int64:
      return little(bytes, start, 4) + (little(bytes, start + 4, 4) | 0) * 2 ** 32;
    case BsonType.double:
      return end - start < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset + start, 8).getFloat64(0, true);
    case BsonType.boolean:
      return bytes[start] ?? 0;
    default:
      return undefined;
  }
}

/** The document as text, at most about `room` characters of it. */
export function render(bytes: Uint8Array, at: number, limit: number, room: number, depth = 0, isArray = false): string {
  let text = '';
  for (const element of elements(bytes, at, limit)) {
    if (text !== '') text += ', ';
    if (text.length > room) return `${isArray ? '[' : '{ '}${text}…`;
    if (!isArray) text += `"${element.name}": `;
    text += renderValue(bytes, element, room - text.length, depth);
  }
  if (isArray) return `[${text}]`;
  return text === '' ? '{}' : `{ ${text} }`;
}

function renderValue(bytes: Uint8Array, element: Element, room: number, depth: number): string {
  const { type, start, end, name } = element;
  const secret = SECRETS.has(name);
  switch (type) {
    case BsonType.string:
      return secret ? '…' : `"${String(scalar(bytes, element)).slice(0, Math.max(room, 0))}"`;
    case BsonType.document:
    case BsonType.array:
      return depth >= MAX_DEPTH ? '…' : render(bytes, start, end, room, depth + 1, type === BsonType.array);
    case BsonType.binary: {
      const data = bytes.subarray(start + 5, Math.min(end, start + 5 + Math.max(room, 0)));
      return `Binary(0x${(bytes[start + 4] ?? 0).toString(16)}, ${secret ? '…' : base64(data)})`;
    }
    case BsonType.objectId:
      return `ObjectId("${hex(bytes.subarray(start, end))}")`;
    case BsonType.boolean:
      return bytes[start] === 1 ? 'true' : 'false';
    case BsonType.date: {
      const date = new Date(little(bytes, start, 4) + (little(bytes, start + 4, 4) | 0) * 2 ** 32);
      return Number.isNaN(date.getTime()) ? 'DateTime(…)' : `DateTime("${date.toISOString()}")`;
    }
    case BsonType.timestamp:
      return `Timestamp(${little(bytes, start + 4, 4)}, ${little(bytes, start, 4)})`;
    case BsonType.null:
      return 'null';
    default:
      return String(scalar(bytes, element) ?? '…');
  }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(data: Uint8Array): string {
  let text = '';
  for (let at = 0; at < data.length; at += 3) {
    const bits = (data[at]! << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    for (let i = 0; i < 4; i += 1) text += at + i > data.length ? '=' : BASE64[(bits >> (18 - 6 * i)) & 63];
  }
  return text;
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
