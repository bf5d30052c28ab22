import { isDigit, isLetter } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import type { Inference, InferenceContext } from '../protocol-parser';
import { cString, frameLength, HEADER_BYTES, letter, StartupCode } from './frames';

/** Frames longer than this do not count as evidence: a random length is long. */
const MAX_TELLING_LENGTH = 1 << 20;
const MAX_FRAMES = 8;
const MAX_STARTUP_BYTES = 10_000;

const TAGS =
  /^(?:SELECT|INSERT|UPDATE|DELETE|MERGE|FETCH|MOVE|COPY|BEGIN|COMMIT|ROLLBACK|SET|CREATE|DROP|ALTER|START|SAVEPOINT|RELEASE|DEALLOCATE|DISCARD|LISTEN|NOTIFY|TRUNCATE|VACUUM|ANALYZE|SHOW|PREPARE|LOCK)/;
const SQL_START = /^(?:[\s(;]|--[^\n]*\n|\/\*[\s\S]*?\*\/)*[A-Za-z]{2,}/;

/** A startup frame, or whole frames of one side from the first byte on, the first of which is unmistakable. */
export function inferPostgresql(cursor: Cursor, context: InferenceContext): Inference {
  const more: Inference = cursor.cut ? 'no' : 'more';
  if (cursor.peek() === 0) return inferStartup(cursor, more);
  if (context.fromClient !== false) {
    const verdict = inferFrames(cursor, true, more);
    if (verdict !== 'no') return verdict;
  }
  return context.fromClient === true ? 'no' : inferFrames(cursor, false, more);
}

function inferStartup(cursor: Cursor, more: Inference): Inference {
  if (cursor.peek(1) > 0) return 'no';
  if (cursor.remaining < 8) return cursor.peek(4) > 4 ? 'no' : more;
  const length = cursor.u32();
  const code = cursor.u32();
  if (length < 8 || length > MAX_STARTUP_BYTES) return 'no';
  if (code === StartupCode.ssl || code === StartupCode.gss) return length === 8 ? 'request' : 'no';
  if (code === StartupCode.cancel) return length === 16 ? 'request' : 'no';
  if (code < StartupCode.version3 || code > StartupCode.version3Last) return 'no';
  return length === 9 || isLetter(cursor.peek()) ? 'request' : cursor.remaining === 0 ? more : 'no';
}

function inferFrames(cursor: Cursor, fromClient: boolean, more: Inference): Inference {
  const start = cursor.position;
  const { end } = cursor;
  let verdict: Inference = 'no';
  for (let frames = 0; frames < MAX_FRAMES && cursor.position < end; frames += 1) {
    const at = cursor.position;
    const length = frameLength(cursor, fromClient);
    if (length < 0 || length > MAX_TELLING_LENGTH) {
      verdict = 'no';
      break;
    }
    if (length === 0) {
      if (frames === 0) verdict = more;
      break;
    }
    if (frames === 0) {
      cursor.end = Math.min(end, at + length);
      const whole = cursor.end === at + length;
      cursor.position = at + HEADER_BYTES;
      const telling = fromClient ? tellingRequest(cursor, at, length, whole) : tellingResponse(cursor, at, length, end);
      if (!telling) break;
      if (!whole && !cursor.cut && cursor.remaining < 16 && length > 32) {
        verdict = more;
        break;
      }
      verdict = fromClient ? 'request' : 'response';
    }
    cursor.end = end;
    if (at + length > end) break;
    cursor.position = at + length;
  }
  cursor.end = end;
  cursor.position = start;
  return verdict;
}

/** A frame whose body agrees with its type, as far as it is there. */
function tellingRequest(cursor: Cursor, at: number, length: number, whole: boolean): boolean {
  switch (cursor.bytes[at]) {
    case letter('Q'): {
      if (whole && cursor.bytes[at + length - 1] !== 0) return false;
      const text = cString(cursor, 64);
      return (SQL_START.test(text) || (text.length < 4 && !whole)) && (!whole || cursor.remaining === 0);
    }
    case letter('P'): {
      const name = cString(cursor, 64);
      if (name.length >= 64 || /[^\x20-\x7e]/.test(name)) return false;
      const text = cString(cursor, 64);
      if (!SQL_START.test(text) && (whole || text.length > 3)) return false;
      return !whole || cursor.remaining === 2 + 4 * ((cursor.peek() << 8) | cursor.peek(1));
    }
    case letter('B'):
      return whole && bindFits(cursor);
    default:
      return false;
  }
}

function bindFits(cursor: Cursor): boolean {
  cString(cursor, 64);
  cString(cursor, 64);
  cursor.skip(2 * cursor.u16());
  const values = cursor.u16();
  for (let i = 0; i < values && !cursor.overrun; i += 1) {
    const length = cursor.i32();
    if (length !== -1) cursor.skip(length);
  }
  cursor.skip(2 * cursor.u16());
  return !cursor.overrun && cursor.remaining === 0;
}

function tellingResponse(cursor: Cursor, at: number, length: number, end: number): boolean {
  const whole = at + length <= end;
  switch (cursor.bytes[at]) {
    case letter('Z'):
      return length === 6 && whole && [letter('I'), letter('T'), letter('E')].includes(cursor.peek());
    case letter('1'):
    case letter('2'):
      // ParseComplete and BindComplete are bare heads; what follows has to be a frame too.
      return length === HEADER_BYTES && followedByFrame(cursor, at + length, end);
    case letter('C'):
      return whole && cursor.bytes[at + length - 1] === 0 && TAGS.test(cString(cursor, 64));
    case letter('E'):
      return cursor.peek() === letter('S') && isLetter(cursor.peek(1)) && isLetter(cursor.peek(2));
    case letter('T'):
      return rowDescriptionFits(cursor, whole);
    case letter('R'):
      return length === 9 && whole && cursor.u32() <= 12;
    default:
      return false;
  }
}

function followedByFrame(cursor: Cursor, at: number, end: number): boolean {
  cursor.position = at;
  cursor.end = end;
  return frameLength(cursor, false) > 0;
}

/** Fields of a name and eighteen bytes each. */
function rowDescriptionFits(cursor: Cursor, whole: boolean): boolean {
  const fields = cursor.u16();
  if (fields === 0 || fields > 1664) return false;
  let read = 0;
  for (; read < fields && !cursor.overrun; read += 1) {
    const start = cursor.position;
    const name = cString(cursor, 64);
    if (cursor.overrun) break;
    if (name.length === 0 || isDigit(cursor.bytes[start]!) || !/^[ -~\u0080-\uffff]*$/.test(name)) return false;
    cursor.skip(18);
  }
  return whole ? !cursor.overrun && cursor.remaining === 0 : read > 0;
}
