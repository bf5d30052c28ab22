import { isDigit, isPrintable } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { little } from '../little-endian';
import type { Inference, InferenceContext } from '../protocol-parser';
import { FRAME_HEAD, isCompressedCommand } from './compressed';
import { Capability, Command, HEADER_BYTES, statementStart } from './packets';

/** Longer packets do not count as evidence: a random length is long. */
const MAX_TELLING_LENGTH = 1 << 20;
const MAX_VERSION = 64;
const LOGIN_ZEROS_AT = 13;
const LOGIN_ZEROS = 19;
const SQL_START =
  /^(?:[\s(;]|#[^\n]*\n|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SET|SHOW|USE|BEGIN|COMMIT|ROLLBACK|START|CALL|EXPLAIN|DESC|DESCRIBE|TRUNCATE|GRANT|REVOKE|LOCK|UNLOCK|LOAD|WITH|SAVEPOINT|RELEASE|KILL|FLUSH|ANALYZE|OPTIMIZE|PREPARE|EXECUTE|DEALLOCATE|DO|XA|HANDLER|RENAME|CHECK|VALUES|TABLE|INSTALL|UNINSTALL|CHANGE|RESET|PURGE)(?:[\s;(*`'"@/]|$)/i;

/** The greeting, a login, a command with a statement, or a response whose numbers agree. */
export function inferMysql(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  const sequence = cursor.peek(3);
  // No telling packet is of 64 KiB or more, or comes late in its exchange.
  if (cursor.peek(2) > 15 || sequence > 3) return 'no';
  if (end - position < HEADER_BYTES + 1) return more;
  const length = little(bytes, position, 3);
  if (length === 0 || length > MAX_TELLING_LENGTH) return 'no';
  const start = position + HEADER_BYTES;
  const stop = Math.min(end, start + length);
  const whole = stop === start + length;
  const first = bytes[start]!;
  if (sequence === 0) {
    if (first === 10 && context.fromClient !== true) return inferGreeting(bytes, start, stop, length, more);
    if (context.fromClient === false) return 'no';
    if (first !== 0) return inferCommand(bytes, start, stop, length, end, more);
    // A command in a frame of the compressed protocol.
    if (end - position < FRAME_HEAD + HEADER_BYTES + 1) return length > HEADER_BYTES ? more : 'no';
    if (!isCompressedCommand(bytes, position, end)) return 'no';
    const inner = position + FRAME_HEAD + HEADER_BYTES;
    return inferCommand(bytes, inner, Math.min(end, inner + length - HEADER_BYTES), length - HEADER_BYTES, end, more);
  }
  if (context.fromClient !== false && length >= 32) {
    const verdict = inferLogin(bytes, start, stop, length, more);
    if (verdict !== 'no') return verdict;
  }
  if (sequence !== 1 || context.fromClient === true) return 'no';
  return whole || first === 0xff ? inferResponse(bytes, start, stop, end, length, context, more) : 'no';
}

function inferGreeting(bytes: Uint8Array, start: number, stop: number, length: number, more: Inference): Inference {
  if (length < 40 || length > 512) return 'no';
  let at = start + 1;
  for (; at < stop && bytes[at] !== 0; at += 1) {
    if (!isPrintable(bytes[at]!) || at - start > MAX_VERSION) return 'no';
    if (at === start + 1 && !isDigit(bytes[at]!)) return 'no';
  }
  // The zero behind the salt.
  if (at + 13 >= stop) return more;
  return at > start + 3 && bytes[at + 13] === 0 ? 'response' : 'no';
}

function inferLogin(bytes: Uint8Array, start: number, stop: number, length: number, more: Inference): Inference {
  if (length > 4096) return 'no';
  if (start + LOGIN_ZEROS_AT - 4 + LOGIN_ZEROS > stop) return more === 'more' && stop - start < 32 ? more : 'no';
  if ((little(bytes, start, 4) & Capability.protocol41) === 0) return 'no';
  for (let i = 9; i < 9 + LOGIN_ZEROS; i += 1) if (bytes[start + i] !== 0) return 'no';
  return 'request';
}

function inferCommand(
  bytes: Uint8Array,
  start: number,
  stop: number,
  length: number,
  end: number,
  more: Inference,
): Inference {
  const code = bytes[start]!;
  const whole = stop === start + length;
  if (code === Command.query || code === Command.prepare) {
    if (length < 3) return 'no';
    const from = code === Command.query ? statementStart(bytes, start + 1, stop) : start + 1;
    const text = decodeText(bytes, from, Math.min(stop, from + 64));
    if (SQL_START.test(text)) return 'request';
    return whole || text.length > 12 || /[^\x20-\x7e\s]/.test(text) ? 'no' : more;
  }
  if (code === Command.execute) {
    // Sent once (iteration count 1), with at most a cursor asked for.
    if (length < 10 || stop - start < 10) return length < 10 ? 'no' : more;
    return bytes[start + 5]! <= 8 && little(bytes, start + 6, 4) === 1 && end <= start + length ? 'request' : 'no';
  }
  if (code === Command.initDb) {
    if (!whole || end > stop || length < 2 || length > 65) return 'no';
    return /^[\w$-]+$/.test(decodeText(bytes, start + 1, stop)) ? 'request' : 'no';
  }
  return 'no';
}

function inferResponse(
  bytes: Uint8Array,
  start: number,
  stop: number,
  end: number,
  length: number,
  context: InferenceContext,
  more: Inference,
): Inference {
  const first = bytes[start]!;
  if (first === 0xff) {
    if (length < 10 || length > 1024) return 'no';
    if (stop - start < 10) return more;
    const code = little(bytes, start + 1, 2);
    if (code < 1000 || code > 9999 || bytes[start + 3] !== 0x23) return 'no';
    return /^[0-9A-Z]{5}/.test(decodeText(bytes, start + 4, start + 9)) ? 'response' : 'no';
  }
  // A count of columns, and the definition of the first: catalogue "def".
  if (length === 1 && first > 0 && first < 0xfb) return inferColumn(bytes, stop, end, 2, more);
  if (first === 0 && length === 12 && bytes[start + 9] === 0 && stop < end) {
    return inferColumn(bytes, stop, end, 2, more);
  }
  // An OK is nothing but small numbers: enough only from the side that answers.
  const answers = context.fromClient === false && first === 0 && length >= 7 && length <= 256 && end === stop;
  return answers && bytes[start + 1]! < 0xfd && bytes[stop - 1] !== 0xff ? 'response' : 'no';
}

function inferColumn(bytes: Uint8Array, at: number, end: number, sequence: number, more: Inference): Inference {
  if (end - at < 8) return more;
  const isDefinition = bytes[at + 3] === sequence && bytes[at + 4] === 3 && decodeText(bytes, at + 5, at + 8) === 'def';
  return isDefinition ? 'response' : 'no';
}
