import { agrees, codes } from '../../base/ascii';
import { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
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
import { readNamedHeader } from '../trace-context';
import { protobufFields, signed, varintHex, Wire } from './protobuf';

/**
 * bRPC, baidu_std: https://brpc.apache.org/docs/rpc-in-depth/new-protocol/ and baidu_rpc_meta.proto beside its code
 * (big endian, metadata in protocol buffers)
 *
 *   frame    = "PRPC" · body size (4) · meta size (4) · body
 *   body     = meta · payload · attachment
 *   meta     = request (1) / response (2) · compress type (3) · correlation id (4) · attachment size (5) · …
 *              · user fields (9): name (1) · value (2)
 *   request  = service (1) · method (2) · log id (3) · trace id (4) · span id (5) · parent span id (6) · request id (7)
 *   response = error code (1) · error text (2)
 *
 * Streams, opened by a call, share the connection: "STRM" · body size (4) · meta size (4) · meta · data, with
 * meta = stream id (1) · source stream id (2) · frame type (3) …
 */
export const brpc: ProtocolParser = {
  protocol: 'brpc',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new BrpcConnection(),
};

const CALL = codes('PRPC');
const STREAM = codes('STRM');
const HEAD = 12;
/** bRPC's own limit (max_body_size) is 64 MiB unless it is raised. */
const MAX_BODY = 2 ** 31 - 1;
/** Metadata is names, numbers and a few user fields. */
const MAX_META = 64 * 1024;
/** Bytes that are waited for: no metadata of use is larger. */
const ENOUGH = 8192;
/** Codes from 1001 on are the client's trouble, those from 2001 on the server's (brpc/errno.proto). */
const FIRST_CLIENT_ERROR = 1001;
const FIRST_SERVER_ERROR = 2001;
/** Feedback only grants the other side more room. */
const STREAM_FRAMES = ['STREAM_UNKNOWN', 'STREAM_RST', 'STREAM_CLOSE', 'STREAM_DATA', 'STREAM_FEEDBACK'];
const FEEDBACK = 4;

const inner = new Cursor();
const entry = new Cursor();

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const first = cursor.peek();
  if (first !== CALL[0] && first !== STREAM[0]) return 'no';
  const calls = agrees(bytes, position, end, CALL);
  if (!calls && !agrees(bytes, position, end, STREAM)) return 'no';
  if (end - position <= HEAD) return cursor.cut ? 'no' : 'more';
  cursor.skip(4);
  const body = cursor.u32();
  const meta = cursor.u32();
  if (body > MAX_BODY || meta > body || meta > MAX_META) return 'no';
  if (!calls) return sideOf(context, true);
  if (meta === 0) return 'no';
  inner.reset(bytes, position + HEAD, Math.min(end, position + HEAD + meta), true);
  for (const { number, wire } of protobufFields(inner)) {
    if (number <= 2 && wire === Wire.bytes) return number === 1 ? 'request' : 'response';
  }
  // The first field is the one that tells, unless the bytes end within it.
  return bytes[position + HEAD] === 0x0a ? 'request' : bytes[position + HEAD] === 0x12 ? 'response' : 'no';
}

class BrpcConnection implements ConnectionParser {
  private readonly calls = new CallMemory();

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    const available = cursor.remaining;
    if (available < HEAD) return 'more';
    const isCall = agrees(bytes, position, cursor.end, CALL);
    if (!isCall && !agrees(bytes, position, cursor.end, STREAM)) return 'invalid';
    cursor.skip(4);
    const body = cursor.u32();
    const meta = cursor.u32();
    if (body > MAX_BODY || meta > body) return 'invalid';
    if (!cursor.cut && available < HEAD + Math.min(meta, ENOUGH)) return 'more';
    inner.reset(bytes, position + HEAD, Math.min(cursor.end, position + HEAD + Math.min(meta, ENOUGH)), true);
    const length = HEAD + body;
    if (!isCall) return streamFrame(inner, unit, length);
    const fields: MutableFields = {};
    const isAnswer = readMeta(inner, fields) ?? !fromClient;
    if (isAnswer) {
      fields.statusCode ??= 0;
      fields.status ??= 'ok';
      return this.calls.answer(fields, fromClient, unit, length);
    }
    return this.calls.call(fields, fromClient, false, unit, length);
  }
}

/** Says whether it is an answer, undefined where it does not tell. */
function readMeta(meta: Cursor, fields: MutableFields): boolean | undefined {
  const { bytes } = meta;
  let isAnswer: boolean | undefined;
  for (const field of protobufFields(meta)) {
    const { number, wire, value } = field;
    if (number === 4 && wire === Wire.varint) fields.requestId = value;
    if (wire !== Wire.bytes) continue;
    entry.reset(bytes, field.start, field.end, true);
    if (number === 1) readCall(entry, fields);
    else if (number === 2) readResult(entry, fields);
    else if (number === 9) readUserField(entry, fields);
    if (number <= 2) isAnswer = number === 2;
  }
  return isAnswer;
}

function readCall(request: Cursor, fields: MutableFields): void {
  const { bytes } = request;
  let service = '';
  for (const { number, wire, value, start, end } of protobufFields(request)) {
    if (wire === Wire.bytes) {
      if (number === 1) service = decodeText(bytes, start, end);
      else if (number === 2) fields.method = decodeText(bytes, start, end);
      else if (number === 7) readNamedHeader('x-request-id', decodeText(bytes, start, end), fields);
    } else if (wire === Wire.varint && value !== 0) {
      // bRPC's own tracing (rpcz): numbers of 64 bits, shown in hexadecimal as its pages do.
      if (number === 4) fields.traceIds = [varintHex(bytes, start, end)];
      else if (number === 5) fields.spanId = varintHex(bytes, start, end);
      else if (number === 6) fields.parentSpanId = varintHex(bytes, start, end);
    }
  }
  if (service === '') return;
  fields.resource = service;
  fields.domain = service;
  fields.endpoint = fields.method === undefined ? service : `${service}/${fields.method}`;
}

function readResult(response: Cursor, fields: MutableFields): void {
  const { bytes } = response;
  let code = 0;
  let text = '';
  for (const { number, wire, value, start, end } of protobufFields(response)) {
    if (number === 1 && wire === Wire.varint) code = signed(value);
    else if (number === 2 && wire === Wire.bytes) text = decodeText(bytes, start, end);
  }
  fields.statusCode = code;
  fields.status =
    code === 0 ? 'ok' : code >= FIRST_CLIENT_ERROR && code < FIRST_SERVER_ERROR ? 'client_error' : 'server_error';
  if (code !== 0) fields.exception = text !== '' ? text : `error ${code}`;
}

function readUserField(field: Cursor, fields: MutableFields): void {
  const { bytes } = field;
  let name = '';
  let text = '';
  for (const { number, wire, start, end } of protobufFields(field)) {
    if (wire !== Wire.bytes) continue;
    if (number === 1) name = decodeText(bytes, start, end);
    else if (number === 2) text = decodeText(bytes, start, end);
  }
  readNamedHeader(name, text, fields);
}

function streamFrame(meta: Cursor, unit: Unit, length: number): Outcome {
  let id = 0;
  let type = 0;
  for (const { number, wire, value } of protobufFields(meta)) {
    if (wire !== Wire.varint) continue;
    if (number === 1) id = value;
    else if (number === 3) type = value;
  }
  const method = STREAM_FRAMES[type] ?? STREAM_FRAMES[0]!;
  const fields: MutableFields = { method, endpoint: method, resource: `stream ${id}` };
  if (type === FEEDBACK) fields.heartbeat = true;
  return unit.whole('oneway', fields, length);
}
