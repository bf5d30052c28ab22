import { isPrintable } from '../../base/ascii';
import { decodeText } from '../../base/text';
import { little } from '../little-endian';
import { lengthEncodedSize } from './packets';

/**
 * Parameters of a COM_STMT_EXECUTE, in the binary protocol:
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
 *
 *   execute    = code (1) · statement (4) · flags (1) · 1 (4) · [ count (lenenc) ] · [ parameters ]
 *   parameters = bitmap of nulls · types follow (1) · [ type (1) · 128 if unsigned (1) · [ name (lenenc) ] … ] · values
 *
 * Count and names are there where query attributes were agreed on. Types are sent once, and hold for the next time.
 */
export interface Parameters {
  /** As literals of SQL, each cut to a bounded length; undefined = sent before, as long data. */
  readonly values: readonly (string | undefined)[];
  /** Types of the parameters, two bytes each. */
  readonly types: Uint8Array;
}

const HEAD = 10;
const COUNT_AVAILABLE = 8;
const MAX_PARAMETERS = 4096;
const MAX_TEXT = 256;
const MAX_BINARY = 32;
const UNSIGNED = 128;
const Kind = { null: 6, date: 10, time: 11, datetime: 12, timestamp: 7, decimal: 0, newDecimal: 246 } as const;
const INTEGERS: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [13, 2],
  [3, 4],
  [9, 4],
  [8, 8],
]);

/** Undefined = there are none, or they cannot be read. `count` and `types` are what is known of the statement. */
export function readParameters(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  types: Uint8Array | undefined,
  hasAttributes: boolean,
  longData: ReadonlySet<number> | undefined,
): Parameters | undefined {
  let at = start + HEAD;
  let total = count;
  if (hasAttributes && (count > 0 || (bytes[start + 5]! & COUNT_AVAILABLE) !== 0)) {
    total = bytes[at] ?? 0;
    at += lengthEncodedSize(total);
    if (total >= 0xfb) total = little(bytes, at - 2, 2);
  }
  if (total === 0 || total > MAX_PARAMETERS || at >= end) return undefined;
  const nulls = at;
  at += (total + 7) >> 3;
  const typesFollow = bytes[at] === 1;
  at += 1;
  let known = types;
  if (typesFollow) {
    const read = new Uint8Array(total * 2);
    for (let i = 0; i < total; i += 1) {
      if (at + 2 > end) return undefined;
      read[i * 2] = bytes[at]!;
      read[i * 2 + 1] = bytes[at + 1]!;
      at += 2;
      if (hasAttributes) at += 1 + (bytes[at] ?? 0);
    }
    known = read;
  }
  if (known === undefined || known.length < total * 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(end, bytes.length));
  const values: (string | undefined)[] = [];
  // Attributes stand behind the parameters.
  for (let i = 0; i < Math.min(count, total); i += 1) {
    const isNull = (bytes[nulls + (i >> 3)]! & (1 << (i & 7))) !== 0;
    if (isNull || known[i * 2] === Kind.null) values.push('NULL');
    else if (longData?.has(i) === true) values.push(undefined);
    else {
      const value = readValue(view, bytes, at, end, known[i * 2]!, known[i * 2 + 1]! >= UNSIGNED);
      if (value === undefined) break;
      values.push(value.text);
      at = value.next;
    }
  }
  return { values, types: known };
}

interface Value {
  readonly text: string;
  readonly next: number;
}

function readValue(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
  type: number,
  unsigned: boolean,
): Value | undefined {
  const size = INTEGERS.get(type) ?? (type === 4 ? 4 : type === 5 ? 8 : 0);
  if (size > 0) {
    if (at + size > end) return undefined;
    return { text: readNumber(view, at, type, size, unsigned), next: at + size };
  }
  if (at >= end) return undefined;
  const lead = lengthEncodedSize(bytes[at]!);
  const length = lead === 1 ? bytes[at]! : little(bytes, at + 1, Math.min(lead - 1, 6));
  const from = at + lead;
  const next = from + length;
  if (from > end) return undefined;
  if (type === Kind.date || type === Kind.datetime || type === Kind.timestamp) {
    return next > end ? undefined : { text: `'${dateText(bytes, from, length)}'`, next };
  }
  if (type === Kind.time) return next > end ? undefined : { text: `'${timeText(bytes, from, length)}'`, next };
  const isNumber = type === Kind.decimal || type === Kind.newDecimal;
  const stop = Math.min(next, end);
  return {
    text: isNumber ? decodeText(bytes, from, Math.min(stop, from + MAX_TEXT)) : literal(bytes, from, stop),
    next,
  };
}

function readNumber(view: DataView, at: number, type: number, size: number, unsigned: boolean): string {
  if (type === 4) return `${Number(view.getFloat32(at, true).toPrecision(7))}`;
  if (type === 5) return `${view.getFloat64(at, true)}`;
  switch (size) {
    case 1:
      return `${unsigned ? view.getUint8(at) : view.getInt8(at)}`;
    case 2:
      return `${unsigned ? view.getUint16(at, true) : view.getInt16(at, true)}`;
    case 4:
      return `${unsigned ? view.getUint32(at, true) : view.getInt32(at, true)}`;
    default:
      return `${unsigned ? view.getBigUint64(at, true) : view.getBigInt64(at, true)}`;
  }
}

/** Text in quotes, or hexadecimal where it is none. */
function literal(bytes: Uint8Array, from: number, stop: number): string {
  const textEnd = Math.min(stop, from + MAX_TEXT);
  let isText = true;
  for (let at = from; at < textEnd && isText; at += 1) {
    const byte = bytes[at]!;
    isText = isPrintable(byte) || byte >= 0x80 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  }
  const text = isText ? decodeText(bytes, from, textEnd) : '';
  const more = stop > textEnd ? '…' : '';
  if (isText && !text.includes('\ufffd')) return `'${text.replaceAll("'", "''")}${more}'`;
  const shown = bytes.subarray(from, Math.min(stop, from + MAX_BINARY));
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `x'${hex}${stop > from + MAX_BINARY ? '…' : ''}'`;
}

const two = (value: number): string => `${value}`.padStart(2, '0');

/** year (2) · month · day · [ hour · minute · second · [ microseconds (4) ] ] */
function dateText(bytes: Uint8Array, at: number, length: number): string {
  if (length < 4) return '0000-00-00';
  const date = `${`${little(bytes, at, 2)}`.padStart(4, '0')}-${two(bytes[at + 2]!)}-${two(bytes[at + 3]!)}`;
  return length < 7 ? date : `${date} ${clockText(bytes, at + 4, length >= 11)}`;
}

/** negative · days (4) · hour · minute · second · [ microseconds (4) ] */
function timeText(bytes: Uint8Array, at: number, length: number): string {
  if (length < 8) return '00:00:00';
  const days = little(bytes, at + 1, 4);
  return `${bytes[at] === 1 ? '-' : ''}${days === 0 ? '' : `${days} `}${clockText(bytes, at + 5, length >= 12)}`;
}

function clockText(bytes: Uint8Array, at: number, withMicroseconds: boolean): string {
  const clock = `${two(bytes[at]!)}:${two(bytes[at + 1]!)}:${two(bytes[at + 2]!)}`;
  return withMicroseconds ? `${clock}.${`${little(bytes, at + 3, 4)}`.padStart(6, '0')}` : clock;
}
