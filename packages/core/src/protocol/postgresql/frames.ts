import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';

/**
 * PostgreSQL frontend/backend protocol 3: https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 *   frame   = type (1) · length (4, counts itself, not the type) · body
 *   startup = length (4) · code (4) · body           the first frame of a connection has no type
 */
export const HEADER_BYTES = 5;
/** The server takes no more (PQ_LARGE_MESSAGE_LIMIT). */
const MAX_FRAME_BYTES = 0x3fffffff;

const table = (letters: string): Uint8Array => {
  const known = new Uint8Array(256);
  for (const letter of letters) known[letter.charCodeAt(0)] = 1;
  return known;
};
/** Bind Close CopyData Describe Execute copyFail Function Flush Parse password Query Sync Terminate copyDone */
const FRONTEND = table('BCdDEfFHPpQSXc');
/** Authentication … see `Backend`. */
const BACKEND = table('RK23CdcGHWDIEVvnNAtS1sTZ');

/** Codes in the place of a startup frame's protocol version. */
export const StartupCode = {
  version3: 196_608,
  version3Last: 196_608 + 99,
  cancel: 80_877_102,
  ssl: 80_877_103,
  gss: 80_877_104,
} as const;

/** Letter of a frame as a number. */
export const letter = (text: string): number => text.charCodeAt(0);

/**
 * Bytes of the frame at the cursor, its type included, from its head alone; it may reach beyond what is captured.
 * 0 = the head is not whole, −1 = not a frame that this side sends.
 */
export function frameLength(cursor: Cursor, fromClient: boolean): number {
  const type = cursor.peek();
  if ((fromClient ? FRONTEND : BACKEND)[type] !== 1) return -1;
  if (cursor.remaining < HEADER_BYTES) return 0;
  const { bytes, position: at } = cursor;
  const length = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0;
  return length < 4 || length > MAX_FRAME_BYTES ? -1 : length + 1;
}

/** A text ended by a zero byte, at most `limit` bytes of it; moves behind the zero, or to the end when that is not there. */
export function cString(cursor: Cursor, limit: number): string {
  const start = cursor.position;
  const zero = cursor.find(0);
  const end = zero < 0 ? cursor.end : zero;
  cursor.position = zero < 0 ? cursor.end : zero + 1;
  if (zero < 0) cursor.overrun = true;
  return decodeText(cursor.bytes, start, Math.min(end, start + limit));
}
