import { agrees, codes, isPrintable } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type { Inference, InferenceContext } from '../protocol-parser';
import { LAST_RECORD_TYPE, RecordType } from './records';

const HEAD = 8;
const FIXED_BODY = 8;
/** Of an answer's head, or of an error's text: so many bytes tell. */
const TELLING = 64;
const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,40}:/;
/** Of a header, and of an error: what is shorter tells nothing. */
const SHORTEST_HEADER = 4;
const SHORTEST_ERROR = 12;
const OWN_NAME = codes('FCGI_');

/** Known by BEGIN, END, the connection's own matters, and output that begins with a header or with text. */
export function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const type = cursor.peek(1);
  if (cursor.peek() !== 1 || type === 0 || type > LAST_RECORD_TYPE || cursor.peek(7) > 0) return 'no';
  const more: Inference = cursor.cut ? 'no' : 'more';
  if (end - position < HEAD) return more;
  cursor.skip(2);
  const id = cursor.u16();
  const size = cursor.u16();
  const from = position + HEAD;
  const have = end - from;
  switch (type) {
    case RecordType.begin:
    case RecordType.end: {
      if (id === 0 || size !== FIXED_BODY) return 'no';
      const begins = type === RecordType.begin;
      const fits = begins ? isBegin(bytes, from, end) : isEnd(bytes, from, end);
      if (!fits || context.fromClient === !begins) return 'no';
      return have < FIXED_BODY ? more : begins ? 'request' : 'response';
    }
    case RecordType.getValues:
    case RecordType.getValuesResult: {
      const asks = type === RecordType.getValues;
      // Two lengths of one byte, then the first name.
      if (id !== 0 || size < 2 + OWN_NAME.length || !agrees(bytes, from + 2, end, OWN_NAME)) return 'no';
      if (have < 2 + OWN_NAME.length) return more;
      return asks ? 'request' : 'response';
    }
    case RecordType.stdout:
    case RecordType.stderr: {
      const isOutput = type === RecordType.stdout;
      const shortest = isOutput ? SHORTEST_HEADER : SHORTEST_ERROR;
      if (id === 0 || size < shortest || context.fromClient === true) return 'no';
      if (have < Math.min(size, TELLING) && !cursor.cut) return 'more';
      if (have < shortest) return 'no';
      if (!isOutput) return isText(bytes, from, from + SHORTEST_ERROR) ? 'response' : 'no';
      return HEADER_NAME.test(decodeText(bytes, from, Math.min(end, from + size, from + TELLING))) ? 'response' : 'no';
    }
    default:
      return 'no';
  }
}

/** Role 1 to 3, one flag, five zeros; as far as the bytes go. */
function isBegin(bytes: Uint8Array, from: number, end: number): boolean {
  if (from + 1 < end && (bytes[from] !== 0 || bytes[from + 1]! < 1 || bytes[from + 1]! > 3)) return false;
  if (from + 2 < end && bytes[from + 2]! > 1) return false;
  return areZero(bytes, from + 3, Math.min(end, from + FIXED_BODY));
}

function isEnd(bytes: Uint8Array, from: number, end: number): boolean {
  if (from + 4 < end && bytes[from + 4]! > 3) return false;
  return areZero(bytes, from + 5, Math.min(end, from + FIXED_BODY));
}

function areZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

function isText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isPrintable(bytes[at]!)) return false;
  return true;
}
