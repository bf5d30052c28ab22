import { agrees, codes } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import type { Inference, InferenceContext } from '../protocol-parser';
import { DEFAULT_MAX_FRAME, Flag, FRAME_HEAD, FrameHead, FrameType, LAST_ERROR, u31 } from './frames';
import { HeaderBlock } from './header-block';
import { HpackDecoder } from './hpack';

/** RFC 9113, section 3.4. */
export const PREFACE = codes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** So much of the preface is unmistakable. */
const ENOUGH_OF_PREFACE = codes('PRI * HTTP/2').length;
/** Settings in use: RFC 9113, RFC 8441, RFC 9218; reserved ones (0x?a?a) come from clients that try what a server bears. */
const MAX_SETTING = 0x10;
/** Frames that are looked at. */
const ENOUGH_FRAMES = 4;

const head = new FrameHead();
const block = new HeaderBlock();

/**
 * The preface, or frames without a flaw from the first byte on, of which at least one says more than its length does. Who
 * speaks is told by the first header block, or else by what is known of the connection.
 */
export function inferHttp2(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const first = bytes[position]!;
  if (first === PREFACE[0]) {
    if (!agrees(bytes, position, end, PREFACE)) return 'no';
    if (end - position >= (cursor.cut ? ENOUGH_OF_PREFACE : PREFACE.length)) return 'request';
    return cursor.cut ? 'no' : 'more';
  }
  // A frame is not longer than 16 KiB unless the peer allowed it.
  if (first !== 0) return 'no';
  let sure = false;
  let verdict: Inference | undefined;
  let at = position;
  for (let frames = 0; frames < ENOUGH_FRAMES && at < end; frames += 1) {
    if (at + FRAME_HEAD > end) {
      // Less than the head of the first frame: the rest of it decides.
      if (at === position) return mayBeHead(bytes, at, end) && !cursor.cut ? 'more' : 'no';
      break;
    }
    head.read(bytes, at);
    const judged = judge(bytes, at + FRAME_HEAD, end);
    if (judged === 'flawed') return 'no';
    if (judged === 'sure') sure = true;
    if (head.type === FrameType.headers && judged === 'sure') {
      if (block.method !== undefined) verdict ??= 'request';
      if (block.status !== undefined) verdict ??= 'response';
    }
    at += FRAME_HEAD + head.length;
  }
  if (verdict === undefined && context.fromClient !== undefined) {
    verdict = context.fromClient ? 'request' : 'response';
  }
  if (sure && verdict !== undefined) return verdict;
  // Whole frames that leave it open may be the end of something: nothing that is worth waiting for.
  return cursor.cut || at < end || end - position > DEFAULT_MAX_FRAME ? 'no' : 'more';
}

/** Of the head of a frame too few bytes are there. */
function mayBeHead(bytes: Uint8Array, at: number, end: number): boolean {
  const typeKnown = at + 3 < end;
  return bytes[at] === 0 && (at + 1 >= end || bytes[at + 1]! <= 0x40) && (!typeKnown || bytes[at + 3]! <= 9);
}

/** Judges the frame of `head`. `weak` = nothing is wrong with it, which other data may say of itself too. */
function judge(bytes: Uint8Array, at: number, end: number): 'sure' | 'weak' | 'flawed' {
  if (head.reserved || head.length > DEFAULT_MAX_FRAME || !head.isSound) return 'flawed';
  const { type, flags, length, stream } = head;
  const whole = at + length <= end;
  const good = whole ? 'sure' : 'weak';
  switch (type) {
    case FrameType.data:
      return (flags & ~(Flag.endStream | Flag.padded)) === 0 ? 'weak' : 'flawed';
    case FrameType.headers:
      return judgeHeaders(bytes, at, end, whole);
    case FrameType.priority:
      return flags === 0 ? 'weak' : 'flawed';
    case FrameType.rstStream:
      return flags === 0 && (!whole || u31(bytes, at) <= LAST_ERROR) ? good : 'flawed';
    case FrameType.settings:
      return (flags & ~Flag.ack) === 0 && areSettings(bytes, at, Math.min(at + length, end)) ? good : 'flawed';
    case FrameType.ping:
      return (flags & ~Flag.ack) === 0 ? 'sure' : 'flawed';
    case FrameType.goaway:
      return flags === 0 && (at + 8 > end || u31(bytes, at + 4) <= LAST_ERROR) ? good : 'flawed';
    case FrameType.windowUpdate:
      if (flags !== 0 || (whole && (bytes[at]! >= 0x80 || u31(bytes, at) === 0))) return 'flawed';
      return stream === 0 ? good : 'weak';
    default:
      return 'flawed';
  }
}

function judgeHeaders(bytes: Uint8Array, at: number, end: number, whole: boolean): 'sure' | 'weak' | 'flawed' {
  const { flags, length } = head;
  const { endStream, endHeaders, padded, priority } = Flag;
  if ((flags & ~(endStream | endHeaders | padded | priority)) !== 0) return 'flawed';
  const padding = head.has(padded) ? (bytes[at] ?? 0) : 0;
  const start = at + head.prefix;
  const stop = Math.min(at + length - padding, end);
  if (stop <= start) return whole ? 'flawed' : 'weak';
  const sound = new HpackDecoder().decode(bytes, start, stop, block.reset({}));
  if (!sound && whole && head.has(endHeaders)) return 'flawed';
  // Trailers and heads of which only the middle is known are likely, but no proof.
  return block.first === 'pseudo' && (block.method !== undefined || block.status !== undefined) ? 'sure' : 'weak';
}

function areSettings(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at + 6 <= end; at += 6) {
    const id = (bytes[at]! << 8) | bytes[at + 1]!;
    if (id === 0 || (id > MAX_SETTING && (id & 0x0f0f) !== 0x0a0a)) return false;
  }
  return true;
}
