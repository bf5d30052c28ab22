import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { APIS, ApiKey, MAX_VERSION } from './apis';
import { readRequest, readResponse } from './bodies';
import { BodyReader } from './body-reader';

/**
 * Kafka: https://kafka.apache.org/protocol.html (big endian)
 *
 *   frame    = size (4) · request or response
 *   request  = api key (2) · version (2) · correlation id (4) · client id (nullable string) · [tags] · body
 *   response = correlation id (4) · [tags] · body           tags where the version is flexible, but never in ApiVersions
 *
 * A response says neither call nor version: it is read as an answer to the request with its correlation id.
 */
export const kafka: ProtocolParser = {
  protocol: 'kafka',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new KafkaConnection(),
};

/** The broker's limit (socket.request.max.bytes) is 100 MiB unless it is raised; responses may be larger. */
const MAX_FRAME = 1 << 28;
const MAX_CLIENT_ID = 255;
/** Bytes that are waited for: enough for topic, partition and the headers of a small first record. */
const ENOUGH = 4096;
const ENOUGH_OF_RESPONSE = 4096;
const MAX_PENDING = 4096;
const REQUEST_HEAD = 14;
const MAX_TIMEOUT_MS = 3_600_000;
const MAX_TOPICS = 10_000;

/** Only requests are telling: a response is nothing but two numbers. */
function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  if (context.fromClient === false || cursor.peek() > 0 || cursor.peek(4) > 0 || cursor.peek(6) > 0) return 'no';
  if (cursor.peek(7) > MAX_VERSION || cursor.peek(8) > 0x7f) return 'no';
  const api = cursor.peek(5);
  if (api >= 0 && APIS[api] === undefined) return 'no';
  if (end - position < REQUEST_HEAD) return cursor.cut ? 'no' : 'more';
  const size = (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | bytes[position + 3]!;
  const clientId = (bytes[position + 12]! << 8) | bytes[position + 13]!;
  if (size < REQUEST_HEAD - 4) return 'no';
  // Without a client's name there is less to go by: then it is one of the calls that open a connection, with a small number.
  if (clientId === 0xffff || clientId === 0) {
    const opens = api === ApiKey.apiVersions || api === ApiKey.metadata || api === ApiKey.saslHandshake;
    return opens && bytes[position + 8] === 0 && bytes[position + 9] === 0 ? 'request' : 'no';
  }
  if (clientId > MAX_CLIENT_ID || clientId > size - (REQUEST_HEAD - 4)) return 'no';
  const from = position + REQUEST_HEAD;
  if (!/^[ -~]*$/.test(decodeText(bytes, from, Math.min(end, from + clientId)))) return 'no';
  if (api > 0) return 'request';
  cursor.position = from + clientId;
  return inferProduce(cursor, cursor.bytes[position + 7]!);
}

/**
 * Key 0 and a version are also what a response's small number looks like, and the topic that the response begins with stands
 * where the client's id does. What a Produce says next it has to say.
 */
function inferProduce(cursor: Cursor, version: number): Inference {
  const body = new BodyReader(cursor, version >= APIS[0]!.flexibleFrom);
  body.tags();
  const transaction = version >= 3 ? body.string() : undefined;
  const acks = body.i16();
  const timeout = body.i32();
  const topics = body.count();
  if (cursor.overrun) return cursor.cut ? 'no' : 'more';
  const isSound = transaction !== '' && acks >= -1 && acks <= 1 && timeout > 0 && timeout <= MAX_TIMEOUT_MS;
  return isSound && topics > 0 && topics <= MAX_TOPICS ? 'request' : 'no';
}

interface Asked {
  readonly api: number;
  readonly version: number;
  readonly endpoint: string;
}

class KafkaConnection implements ConnectionParser {
  private readonly asked = new Map<number, Asked>();

  resume(): void {}

  /** A response says nothing of itself, but its number was asked for. */
  mayResume({ bytes, position, end }: Cursor, fromClient: boolean): boolean | undefined {
    if (fromClient) return undefined;
    if (end - position < 8) return false;
    const size = u32(bytes, position);
    return size >= 4 && size <= MAX_FRAME && this.asked.has(u32(bytes, position + 4));
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    const available = cursor.remaining;
    const size = cursor.u32();
    if (cursor.overrun) return 'more';
    if (size < (fromClient ? REQUEST_HEAD - 4 : 4) || size > MAX_FRAME) return 'invalid';
    const length = size + 4;
    if (!cursor.cut && available < Math.min(length, fromClient ? ENOUGH : ENOUGH_OF_RESPONSE)) return 'more';
    // Not a byte more than is always waited for, so that nothing depends on how the frame was delivered.
    cursor.end = Math.min(cursor.end, start + Math.min(length, fromClient ? ENOUGH : ENOUGH_OF_RESPONSE));
    unit.length = length;
    return fromClient ? this.parseRequest(cursor, unit) : this.parseResponse(cursor, unit);
  }

  private parseRequest(cursor: Cursor, unit: Unit): Outcome {
    const key = cursor.u16();
    const version = cursor.u16();
    const correlation = cursor.u32();
    if (cursor.overrun) return 'more';
    const api = APIS[key];
    if (api === undefined || version > MAX_VERSION) return 'invalid';
    // The client id keeps the plain encoding in every version.
    new BodyReader(cursor, false).string();
    const body = new BodyReader(cursor, version >= api.flexibleFrom);
    body.tags();
    const fields: MutableFields = {
      method: api.name,
      endpoint: api.name,
      version: `${version}`,
      requestId: correlation,
    };
    if (isHeartbeat(key)) fields.heartbeat = true;
    const oneWay = readRequest(api, version, body, fields);
    if (oneWay) return unit.whole('oneway', fields, unit.length);
    if (this.asked.size >= MAX_PENDING) this.asked.clear();
    this.asked.set(correlation, { api: key, version, endpoint: fields.endpoint! });
    return unit.whole('request', fields, unit.length);
  }

  private parseResponse(cursor: Cursor, unit: Unit): Outcome {
    const correlation = cursor.u32();
    if (cursor.overrun) return 'more';
    const fields: MutableFields = { requestId: correlation, status: 'unknown' };
    const asked = this.asked.get(correlation);
    const api = asked === undefined ? undefined : APIS[asked.api];
    if (asked !== undefined && api !== undefined) {
      this.asked.delete(correlation);
      fields.method = api.name;
      fields.version = `${asked.version}`;
      fields.endpoint = asked.endpoint;
      if (isHeartbeat(asked.api)) fields.heartbeat = true;
      const body = new BodyReader(cursor, asked.version >= api.flexibleFrom);
      if (asked.api !== ApiKey.apiVersions) body.tags();
      readResponse(api, asked.version, body, fields);
    }
    return unit.whole('response', fields, unit.length);
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function isHeartbeat(api: number): boolean {
  return api === ApiKey.heartbeat || api === ApiKey.consumerGroupHeartbeat;
}
