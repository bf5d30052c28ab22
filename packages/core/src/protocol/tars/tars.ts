import { Cursor } from '../../base/cursor';
import { CallMemory, sideOf } from '../call-memory';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { JceReader } from './jce';
import { Packet, readPacket } from './packets';

/**
 * Tars: https://github.com/TarsCloud/TarsFramework/blob/master/protocol/RequestF.tars (big endian)
 *
 *   frame = length (4, counts itself) · packet          fields by tag, in order; see `jce.ts`
 *   request  = 1 version · 2 packet type: 1 one-way · 3 message type · 4 request id · 5 servant · 6 function · 7 bytes
 *            · 8 timeout · 9 context (map) · 10 status (map)
 *   response = 1 version · 2 packet type · 3 request id · 4 message type · 5 result · 6 bytes · 7 status (map)
 *            · 8 description · 9 context (map)
 *
 * Of version 1. TUP, versions 2 and 3, answers with a packet of the request's form, whose status tells the result.
 */
export const tars: ProtocolParser = {
  protocol: 'tars',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new TarsConnection(),
};

const LENGTH = 4;
/** Head of the version: tag 1, one byte; then the version itself. */
const VERSION_HEAD = 0x10;
const TARS_VERSION = 1;
const LAST_VERSION = 5;
/** Packet type and message type are numbers of tags 2 and 3. */
const PACKET_TYPES: ReadonlySet<number> = new Set([0x2c, 0x20]);
const THIRD_TAG = 3;
const MIN_FRAME = 12;
/** The framework's limit is 100 MB (tcp max package length) unless it is raised. */
const MAX_FRAME = 1 << 28;
/** Bytes that are waited for: contexts stand behind the arguments. */
const ENOUGH = 16_384;
/** Enough for all but the bytes, context and description. */
const TELLING = 256;

const body = new Cursor();

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { position, end } = cursor;
  const version = cursor.peek(5);
  if (cursor.peek() > MAX_FRAME >> 24 || cursor.peek(4) > VERSION_HEAD || version > LAST_VERSION) return 'no';
  if (end - position < MIN_FRAME) return cursor.cut || !beginsWell(cursor) ? 'no' : 'more';
  if (!beginsWell(cursor) || cursor.peek(7 + (cursor.peek(6) === 0x20 ? 1 : 0)) >> 4 !== THIRD_TAG) return 'no';
  const length = cursor.u32();
  if (length < MIN_FRAME || length > MAX_FRAME) return 'no';
  if (!cursor.cut && end - position < Math.min(length, TELLING)) return 'more';
  body.reset(cursor.bytes, position + LENGTH, Math.min(end, position + Math.min(length, TELLING)), true);
  const fields: MutableFields = {};
  const packet = readPacket(new JceReader(body), false, fields);
  if (packet === Packet.none) return 'no';
  // Only version 1 has a form of its own for answers.
  return version === TARS_VERSION ? sideOf(context, packet !== Packet.response) : sideOf(context, true);
}

/** Version and packet type, as far as the bytes go. */
function beginsWell(cursor: Cursor): boolean {
  if (cursor.remaining <= LENGTH) return true;
  if (cursor.peek(4) !== VERSION_HEAD || cursor.peek(5) === 0) return false;
  return cursor.remaining < 7 || PACKET_TYPES.has(cursor.peek(6));
}

class TarsConnection implements ConnectionParser {
  private readonly calls = new CallMemory();

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    const available = cursor.remaining;
    const length = cursor.u32();
    if (cursor.overrun) return 'more';
    if (length < MIN_FRAME || length > MAX_FRAME) return 'invalid';
    const wanted = Math.min(length, ENOUGH);
    if (available < Math.min(MIN_FRAME, wanted) || (!cursor.cut && available < wanted)) return 'more';
    if (cursor.peek() !== VERSION_HEAD) return 'invalid';
    const version = cursor.peek(1);
    const isTup = version !== TARS_VERSION;
    body.reset(cursor.bytes, start + LENGTH, Math.min(cursor.end, start + wanted), true);
    const fields: MutableFields = { version: `${version}` };
    const packet = readPacket(new JceReader(body), isTup && !fromClient, fields);
    if (packet === Packet.none) return cursor.cut ? 'more' : 'invalid';
    if (packet === Packet.response) return this.calls.answer(fields, fromClient, unit, length);
    return this.calls.call(fields, fromClient, packet === Packet.oneWay, unit, length);
  }
}
