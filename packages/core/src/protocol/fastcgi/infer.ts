import { agrees, codes, isPrintable } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type { Inference, InferenceContext } from '../protocol-parser';
import { LAST_RECORD_TYPE, RecordType } from './records';

const HEAD = 8;
const FIXED_BODY = 8;
/** Of an answer's head, or of an error's text: so many bytes tell. */
const TELLING = 64;
const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{1,40}:/;
const FIRST_TEXT_BYTES = 12;
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
      if (id === 0 || size < FIRST_TEXT_BYTES || context.fromClient === true) return 'no';
      if (have < Math.min(size, TELLING) && !cursor.cut) return 'more';
      const text = decodeText(bytes, from, Math.min(end, from + Math.min(size, TELLING)));
      if (type === RecordType.stdout) return HEADER_NAME.test(text) ? 'response' : 'no';
      return text.length >= FIRST_TEXT_BYTES && isText(bytes, from, from + FIRST_TEXT_BYTES) ? 'response' : 'no';
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
