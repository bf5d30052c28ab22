import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { readMessageProperty } from '../message-property';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { callName, FROM_BROKER, HEARTBEATS, resultName, SHORT_FIELDS, statusOf, versionName } from './codes';
import { binaryHeaderFits, type Header, readBinaryHeader, readJsonHeader } from './header';
import { visitProperties, visitStoredMessages } from './stored-messages';

/**
 * RocketMQ's remoting protocol: https://rocketmq.apache.org/docs/4.x/ and RemotingCommand in
 * https://github.com/apache/rocketmq/tree/develop/remoting (big endian)
 *
 *   frame  = length (4) · encoding (1: 0 JSON, 1 binary) · header length (3) · header · body
 *   header = code · language · version · opaque · flag · remark · fields of the call      see header.ts
 *   flag   = 1 answer, 2 one-way
 *
 * Either side asks; an answer carries the `opaque` number of its request.
 */
export const rocketmq: ProtocolParser = {
  protocol: 'rocketmq',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new RocketmqConnection(),
};

/** The decoder's limit (com.rocketmq.remoting.frameMaxLength) is 16 MiB unless it is raised. */
const MAX_FRAME = 1 << 28;
const MAX_HEADER = 1 << 20;
/** Bytes of a header that are read. */
const MAX_HEADER_TEXT = 65_536;
const HEAD = 8;
const Encoding = { json: 0, binary: 1 } as const;
/** Bytes that are waited for: enough for a header with properties; and for the first messages of an answer to a pull. */
const ENOUGH = 8192;
const Flag = { answer: 1, oneWay: 2 } as const;
const MAX_ASKED = 4096;
const JSON_START = /^\{\s*"(?:code|extFields|flag|language|opaque|remark|serializeTypeCurrentRPC|version)"\s*:/;
const JSON_PREFIX = /^\{\s*(?:"\w*"?\s*)?$/;

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  if (cursor.peek() > 15 || cursor.peek(4) > 1 || cursor.peek(5) > 15) return 'no';
  if (cursor.peek(4) === Encoding.json && cursor.peek(8) >= 0 && cursor.peek(8) !== 0x7b) return 'no';
  if (end - position < HEAD + 17) return more;
  const lengths = frameLengths(cursor);
  if (lengths === undefined) return 'no';
  const start = position + HEAD;
  const stop = Math.min(end, start + lengths.header, start + MAX_HEADER_TEXT);
  let header: Header;
  if (bytes[position + 4] === Encoding.json) {
    const text = decodeText(bytes, start, stop);
    if (!JSON_START.test(text)) return JSON_PREFIX.test(text) && text.length < 40 ? more : 'no';
    header = readJsonHeader(text);
  } else {
    if (!binaryHeaderFits(bytes, start, end, lengths.header)) return 'no';
    header = readBinaryHeader(bytes, start, stop);
  }
  if (context.fromClient !== undefined) return context.fromClient ? 'request' : 'response';
  const isAnswer = (header.flag & Flag.answer) !== 0;
  return isAnswer !== FROM_BROKER.has(header.code) ? 'response' : 'request';
}

function frameLengths(cursor: Cursor): { frame: number; header: number } | undefined {
  const at = cursor.position;
  const frame = cursor.u32();
  const encoded = cursor.u32();
  cursor.position = at;
  const header = encoded & 0xff_ffff;
  if (frame > MAX_FRAME || encoded >>> 24 > 1 || header < 2 || header > Math.min(frame - 4, MAX_HEADER))
    return undefined;
  return { frame, header };
}

interface Asked {
  readonly code: number;
  readonly endpoint: string;
  readonly resource: string | undefined;
}

class RocketmqConnection implements ConnectionParser {
  private readonly asked = { client: new Map<number, Asked>(), server: new Map<number, Asked>() };

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (cursor.remaining < HEAD) return 'more';
    const lengths = frameLengths(cursor);
    if (lengths === undefined) return 'invalid';
    const length = lengths.frame + 4;
    if (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH)) return 'more';
    const start = position + HEAD;
    const end = Math.min(cursor.end, position + length);
    const stop = Math.min(end, start + lengths.header, start + MAX_HEADER_TEXT);
    const isJson = bytes[position + 4] === Encoding.json;
    const header = isJson ? readJsonHeader(decodeText(bytes, start, stop)) : readBinaryHeader(bytes, start, stop);
    const isCut = stop < start + lengths.header;
    if (header.code < 0) return isCut ? 'more' : 'invalid';
    if (header.opaque === -1) return isCut ? this.parseWithoutNumber(header, fromClient, unit, length) : 'invalid';
    const fields: MutableFields = { requestId: header.opaque };
    if (header.version >= 0) fields.version = versionName(header.version);
    const isAnswer = (header.flag & Flag.answer) !== 0;
    // Both sides count their requests: the broker's have a sign of their own.
    fields.pairingKey = fromClient === isAnswer ? -1 - header.opaque : header.opaque;
    if (isAnswer) {
      const asked = this.asked[fromClient ? 'server' : 'client'];
      readAnswer(header, asked.get(header.opaque), fields);
      asked.delete(header.opaque);
      readMessages(bytes, start + lengths.header, end, fields);
      return unit.whole('response', fields, length);
    }
    readCall(header, fields);
    if ((header.flag & Flag.oneWay) !== 0) {
      fields.status = 'ok';
      return unit.whole('oneway', fields, length);
    }
    const asked = this.asked[fromClient ? 'client' : 'server'];
    if (asked.size >= MAX_ASKED) asked.clear();
    asked.set(header.opaque, { code: header.code, endpoint: fields.endpoint!, resource: fields.resource });
    return unit.whole('request', fields, length);
  }

  /** A header that is cut before it says which request it is of: seen, but paired with nothing. */
  private parseWithoutNumber(header: Header, fromClient: boolean, unit: Unit, length: number): Outcome {
    const fields: MutableFields = {};
    if (fromClient || FROM_BROKER.has(header.code)) {
      readCall(header, fields);
      return unit.whole('request', fields, length);
    }
    readAnswer(header, undefined, fields);
    return unit.whole('response', fields, length);
  }
}

/** Topic, queue and trace context of a call, which stand in its fields under names of its own. */
function readCall({ code, extension }: Header, fields: MutableFields): void {
  const method = callName(code);
  fields.method = method;
  if (HEARTBEATS.has(code)) fields.heartbeat = true;
  const [topicName, queueName, propertiesName] = SHORT_FIELDS.has(code)
    ? ['b', 'e', 'i']
    : ['topic', 'queueId', 'properties'];
  const topic = extension.get(topicName!);
  const queue = extension.get(queueName!);
  const offset = extension.get('queueOffset');
  if (topic !== undefined && topic !== '') {
    // A queue below 0 stands for any of them.
    fields.endpoint = queue === undefined || queue.startsWith('-') ? topic : `${topic}-${queue}`;
    fields.resource = offset === undefined ? fields.endpoint : `${fields.endpoint}:${offset}`;
  } else {
    fields.endpoint = method;
    const group = extension.get('consumerGroup') ?? extension.get('producerGroup') ?? extension.get('group');
    if (group !== undefined && group !== '') fields.resource = group;
  }
  const properties = extension.get(propertiesName!);
  if (properties !== undefined) visitProperties(properties, (name, value) => readMessageProperty(name, value, fields));
}

function readAnswer({ code, remark }: Header, asked: Asked | undefined, fields: MutableFields): void {
  if (asked !== undefined) {
    fields.method = callName(asked.code);
    fields.endpoint = asked.endpoint;
    if (asked.resource !== undefined) fields.resource = asked.resource;
    if (HEARTBEATS.has(asked.code)) fields.heartbeat = true;
  }
  fields.statusCode = code;
  fields.status = statusOf(code);
  // An answer that is no failure may have a remark too, such as FOUND.
  if (fields.status !== 'ok') fields.exception = remark !== '' ? remark : resultName(code);
}

/** Trace context of the messages in an answer: the ids of all, and the span of the first. */
function readMessages(bytes: Uint8Array, from: number, end: number, fields: MutableFields): void {
  const rest: MutableFields = {};
  visitStoredMessages(bytes, from, end, (message, topic, name, value) => {
    fields.endpoint ??= topic;
    readMessageProperty(name, value, message === 0 ? fields : rest);
  });
  if (rest.traceIds !== undefined) fields.traceIds = [...new Set([...(fields.traceIds ?? []), ...rest.traceIds])];
}
