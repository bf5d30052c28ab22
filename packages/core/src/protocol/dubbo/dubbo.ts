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
import { readRequest, readResponse, Status } from './bodies';

/**
 * Dubbo 2: https://dubbo.apache.org/en/overview/reference/protocols/tcp/ (big endian)
 *
 *   frame = da bb · flags (1): 80 request, 40 answer wanted, 20 event, 1f serialization · status (1), 0 in requests
 *         · id (8) · length (4) · body
 *
 * Events are heartbeats, or the server's word that it takes no more requests. Either side may call, and ask for a sign of
 * life. Bodies are read where they are Hessian 2, as they are unless told otherwise.
 */
export const dubbo: ProtocolParser = {
  protocol: 'dubbo',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new DubboConnection(),
};

const HEAD = 16;
const Flag = { request: 0x80, answerWanted: 0x40, event: 0x20, serialization: 0x1f } as const;
const HESSIAN2 = 2;
/** Dubbo's own limit is 8 MiB unless it is raised. */
const MAX_BODY = 1 << 30;
/** No larger one tells anything by itself. */
const MAX_TELLING_BODY = 1 << 26;
/** Bytes that are waited for: attachments, with the trace context, stand behind the arguments. */
const ENOUGH = 16_384;
const READ_ONLY = 0x52;

const body = new Cursor();

function infer(cursor: Cursor, context: InferenceContext): Inference {
  if (cursor.peek() !== 0xda || cursor.peek(1) > 0xbb || (cursor.remaining > 1 && cursor.peek(1) !== 0xbb)) return 'no';
  if (cursor.remaining < HEAD) return cursor.cut ? 'no' : 'more';
  cursor.skip(2);
  const flags = cursor.u8();
  const status = cursor.u8();
  cursor.skip(8);
  const length = cursor.u32();
  const isRequest = (flags & Flag.request) !== 0;
  if ((flags & Flag.serialization) === 0 || length > MAX_TELLING_BODY) return 'no';
  if (isRequest ? status !== 0 : !Status.names.has(status)) return 'no';
  return sideOf(context, isRequest);
}

class DubboConnection implements ConnectionParser {
  private readonly calls = new CallMemory();

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    const available = cursor.remaining;
    if (available < HEAD) return 'more';
    if (cursor.u16() !== 0xdabb) return 'invalid';
    const flags = cursor.u8();
    const status = cursor.u8();
    const id = cursor.u32() * 2 ** 32 + cursor.u32();
    const length = cursor.u32();
    if (length > MAX_BODY) return 'invalid';
    if (!cursor.cut && available < HEAD + Math.min(length, ENOUGH)) return 'more';
    body.reset(cursor.bytes, start + HEAD, Math.min(cursor.end, start + HEAD + Math.min(length, ENOUGH)), true);
    const fields: MutableFields = { requestId: id };
    const isRequest = (flags & Flag.request) !== 0;
    const readable = (flags & Flag.serialization) === HESSIAN2;
    if ((flags & Flag.event) !== 0) {
      // A heartbeat's body is null.
      const isHeartbeat = !isRequest || body.peek() !== 0x01 || body.peek(1) !== READ_ONLY;
      fields.method = isHeartbeat ? 'HEARTBEAT' : 'READONLY';
      fields.endpoint = fields.method;
      if (isHeartbeat) fields.heartbeat = true;
    }
    if (isRequest) {
      if (readable && fields.method === undefined) readRequest(body, fields);
      return this.calls.call(fields, fromClient, (flags & Flag.answerWanted) === 0, unit, HEAD + length);
    }
    fields.statusCode = status;
    fields.status = Status.classOf(status);
    readResponse(body, status, readable && fields.method === undefined, fields);
    return this.calls.answer(fields, fromClient, unit, HEAD + length);
  }
}
