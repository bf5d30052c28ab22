import { CR, isDigit, LF } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';

/** Elements of the outermost array whose place is remembered. */
export const MAX_PARTS = 16;
/** Redis accepts at most 512 MiB in one string. */
const MAX_BULK = 512 * 1024 * 1024;
const MAX_ELEMENTS = 1_048_576;
/** A line of one value: status text, error text, big number. */
const MAX_LINE = 65_536;

/** First bytes of RESP2 and RESP3 values. */
export const Resp = {
  status: 0x2b, // +
  error: 0x2d, // -
  integer: 0x3a, // :
  bulk: 0x24, // $
  array: 0x2a, // *
  null: 0x5f, // _
  double: 0x2c, // ,
  boolean: 0x23, // #
  bulkError: 0x21, // !
  verbatim: 0x3d, // =
  bigNumber: 0x28, // (
  map: 0x25, // %
  set: 0x7e, // ~
  push: 0x3e, // >
  attribute: 0x7c, // |
} as const;

/** One value as measured: used again for each. */
export interface Measured {
  /** Bytes on the wire; may reach beyond the captured ones. 0 = not known, because the value goes on. */
  length: number;
  /** Strings and lines at the top: of the outermost array, or the value itself. */
  parts: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export function newMeasured(): Measured {
  return { length: 0, parts: 0, starts: new Int32Array(MAX_PARTS), ends: new Int32Array(MAX_PARTS) };
}

/**
 * Finds the end of the value at the cursor and the place of its parts. RESP: https://redis.io/docs/latest/develop/reference/protocol-spec/
 *
 *   value     = simple / bulk / aggregate
 *   simple    = ("+" / "-" / ":" / "_" / "," / "#" / "(") text CRLF
 *   bulk      = ("$" / "!" / "=") length CRLF bytes CRLF          length -1 = null, without bytes
 *   aggregate = ("*" / "~" / ">") count CRLF count × value        count -1 = null
 *             / ("%" / "|") count CRLF 2 × count × value          "|" stands before the value that it describes
 *
 * Nesting is counted, not followed: no recursion, and each turn takes at least three bytes.
 */
export function measure(cursor: Cursor, measured: Measured): 'value' | 'more' | 'invalid' {
  const { bytes, position: start, end } = cursor;
  let at = start;
  let open = 1;
  measured.length = 0;
  measured.parts = 0;
  while (open > 0) {
    if (at >= end) return 'more';
    const type = bytes[at]!;
    const feed = lineFeed(bytes, at + 1, end);
    if (feed < 0) return end - at > MAX_LINE ? 'invalid' : 'more';
    if (feed === 0) return 'invalid';
    const text = at + 1;
    at = feed + 1;
    open -= 1;
    switch (type) {
      case Resp.status:
      case Resp.error:
      case Resp.null:
      case Resp.double:
      case Resp.boolean:
      case Resp.bigNumber:
        addPart(measured, text, feed - 1);
        break;
      case Resp.integer:
        if (!isInteger(bytes, text, feed - 1)) return 'invalid';
        addPart(measured, text, feed - 1);
        break;
      case Resp.bulk:
      case Resp.bulkError:
      case Resp.verbatim: {
        const length = count(bytes, text, feed - 1, MAX_BULK);
        if (length < -1) return 'invalid';
        if (length === -1) break;
        addPart(measured, at, Math.min(at + length, end));
        const close = at + length;
        if (close < end && bytes[close] !== CR) return 'invalid';
        if (close + 1 < end && bytes[close + 1] !== LF) return 'invalid';
        at = close + 2;
        break;
      }
      case Resp.array:
      case Resp.set:
      case Resp.push: {
        const elements = count(bytes, text, feed - 1, MAX_ELEMENTS);
        if (elements < -1) return 'invalid';
        if (elements > 0) open += elements;
        break;
      }
      case Resp.map:
      case Resp.attribute: {
        const pairs = count(bytes, text, feed - 1, MAX_ELEMENTS);
        if (pairs < 0) return 'invalid';
        open += 2 * pairs + (type === Resp.attribute ? 1 : 0);
        break;
      }
      default:
        return 'invalid';
    }
  }
  measured.length = at - start;
  return 'value';
}

function addPart(measured: Measured, start: number, end: number): void {
  if (measured.parts >= MAX_PARTS) return;
  measured.starts[measured.parts] = start;
  measured.ends[measured.parts] = end;
  measured.parts += 1;
}

/** Index of the LF that ends the line, −1 when it is not there, 0 when the line is not ended by CR LF. */
function lineFeed(bytes: Uint8Array, from: number, end: number): number {
  const stop = Math.min(end, from + MAX_LINE);
  for (let at = from; at < stop; at += 1) {
    const byte = bytes[at]!;
    if (byte === LF) return bytes[at - 1] === CR ? at : 0;
  }
  return -1;
}

/** Digits, with or without a sign. */
function isInteger(bytes: Uint8Array, from: number, to: number): boolean {
  let at = bytes[from] === 0x2d || bytes[from] === 0x2b ? from + 1 : from;
  if (at >= to) return false;
  while (at < to && isDigit(bytes[at]!)) at += 1;
  return at === to;
}

/** A decimal number in [−1, max]; −2 for anything else. */
function count(bytes: Uint8Array, from: number, to: number, max: number): number {
  if (to === from + 2 && bytes[from] === 0x2d && bytes[from + 1] === 0x31) return -1;
  if (to <= from || to - from > 10) return -2;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    if (!isDigit(bytes[at]!)) return -2;
    value = value * 10 + (bytes[at]! - 48);
  }
  return value > max ? -2 : value;
}
