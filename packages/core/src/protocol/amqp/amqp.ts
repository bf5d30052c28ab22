import { agrees, codes } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import type { QueueMessages } from '../../message/message';
import { PendingRequests } from '../pending-requests';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { addQueueNames, contentName, DIGESTED } from '../queue-names';
import { type ContentProperties, readArguments, readProperties, u32 } from './arguments';
import { answers, type Method, methodOf } from './methods';

/**
 * AMQP 0-9-1: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 2.3
 *
 *   connection = "AMQP" 0 0 9 1 · frames
 *   frame      = type (1: 1 method, 2 header, 3 body, 8 heartbeat) · channel (2) · size (4) · payload · 206
 *   method     = class (2) · method (2) · arguments
 *   header     = class (2) · weight (2) · body size (8) · property flags (2) · properties
 *
 * A message is a method, with the header and body frames that follow it on its channel. Either side asks.
 */
export const amqp: ProtocolParser = {
  protocol: 'amqp',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new AmqpConnection(),
};

const PROTOCOL_HEADERS = [codes('AMQP\0\0\x09\x01'), codes('AMQP\x01\x01\0\x09'), codes('AMQP\x01\x01\x08\0')];
const FRAME_HEAD = 7;
const FRAME_END = 0xce;
const Frame = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
const MAX_FRAME = 1 << 27;
/** Bytes that are waited for: enough for a method's arguments and for a header's table. */
const ENOUGH = 8192;
const CONTENT_HEAD = 12;

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  const first = cursor.peek();
  if (first === 0x41) {
    if (context.fromClient === false || !PROTOCOL_HEADERS.some((each) => agrees(bytes, position, end, each)))
      return 'no';
    return end - position < 8 ? more : 'request';
  }
  if (first !== Frame.method || cursor.peek(3) > 7) return 'no';
  if (end - position < FRAME_HEAD + 4) return more;
  const size = u32(bytes, position + 3);
  const method = methodOf(u32(bytes, position + FRAME_HEAD));
  if (method === undefined || size < 4 || size > 1 << 20) return 'no';
  const close = position + FRAME_HEAD + size;
  if (close >= end) return size < 8192 ? more : 'no';
  if (bytes[close] !== FRAME_END) return 'no';
  if (context.fromClient !== undefined) return context.fromClient ? 'request' : 'response';
  return method.fromServer ? 'response' : 'request';
}

interface Asked {
  readonly channel: number;
  readonly method: string;
  readonly endpoint: string | undefined;
}

/** The content that one side sends on a channel. */
interface Content {
  readonly fields: MutableFields;
  /** What it is to a queue; nothing for a message that came back. */
  readonly action: QueueMessages['action'] | undefined;
  /** Bytes of the body, and of those that are still to come; −1 = the header is. */
  size: number;
  left: number;
}

const ACTIONS: Readonly<Record<string, QueueMessages['action']>> = {
  'Basic.Publish': 'publish',
  'Basic.Deliver': 'deliver',
  'Basic.GetOk': 'fetch',
};

class AmqpConnection implements ConnectionParser {
  private domain: string | undefined = undefined;
  private readonly asked = { client: new PendingRequests<Asked>(), server: new PendingRequests<Asked>() };
  private readonly contents = { client: new Map<number, Content>(), server: new Map<number, Content>() };

  resume(fromClient: boolean): void {
    this.contents[fromClient ? 'client' : 'server'].clear();
    // Answers may be among what was lost.
    this.asked[fromClient ? 'server' : 'client'].clear();
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (cursor.peek() === 0x41) return this.parseProtocolHeader(cursor, unit);
    if (cursor.remaining < FRAME_HEAD) return 'more';
    const type = cursor.peek();
    const channel = (bytes[position + 1]! << 8) | bytes[position + 2]!;
    const size = u32(bytes, position + 3);
    if (size > MAX_FRAME) return 'invalid';
    const length = FRAME_HEAD + size + 1;
    const wanted = Math.min(length, type === Frame.body ? FRAME_HEAD + DIGESTED : ENOUGH);
    if (!cursor.cut && cursor.remaining < wanted) return 'more';
    const start = position + FRAME_HEAD;
    const end = Math.min(cursor.end, start + size);
    if (length <= cursor.remaining && bytes[start + size] !== FRAME_END) return 'invalid';
    unit.length = length;
    unit.channel = channel;
    const contents = this.contents[fromClient ? 'client' : 'server'];
    const content = contents.get(channel);
    switch (type) {
      case Frame.method:
        if (end - start < 4) return cursor.cut ? 'more' : 'invalid';
        return this.parseMethod(bytes, start, end, channel, fromClient, unit);
      case Frame.header:
        if (content === undefined || end - start < CONTENT_HEAD) return size < CONTENT_HEAD ? 'invalid' : 'unit';
        content.left = u32(bytes, start + 4) * 2 ** 32 + u32(bytes, start + 8);
        content.size = content.left;
        nameByProperties(content, readProperties(bytes, start + CONTENT_HEAD, end, content.fields));
        break;
      case Frame.body:
        if (content === undefined) return 'unit';
        if (content.left === content.size) nameByBody(content, bytes, start, end);
        content.left -= size;
        break;
      case Frame.heartbeat:
        return unit.whole('oneway', { method: 'Heartbeat', endpoint: 'Heartbeat', heartbeat: true }, length);
      default:
        return 'invalid';
    }
    if (content.left <= 0) {
      unit.ends = true;
      contents.delete(channel);
    }
    return 'unit';
  }

  private parseProtocolHeader(cursor: Cursor, unit: Unit): Outcome {
    const { bytes, position, end } = cursor;
    if (!PROTOCOL_HEADERS.some((each) => agrees(bytes, position, end, each))) return 'invalid';
    if (cursor.remaining < 8) return 'more';
    return unit.whole('oneway', { method: 'ProtocolHeader', endpoint: 'ProtocolHeader', status: 'ok' }, 8);
  }

  private parseMethod(
    bytes: Uint8Array,
    start: number,
    end: number,
    channel: number,
    fromClient: boolean,
    unit: Unit,
  ): Outcome {
    const method = methodOf(u32(bytes, start));
    if (method === undefined || (method.fromServer && fromClient)) return 'invalid';
    const fields: MutableFields = { method: method.name, version: '0-9-1' };
    const noWait = readArguments(method, bytes, start + 4, end, fields);
    if (fields.domain !== undefined) this.domain = fields.domain;
    else if (this.domain !== undefined) fields.domain = this.domain;
    this.pair(method, noWait, channel, fromClient, fields, unit);
    fields.endpoint ??= method.name;
    unit.fields = fields;
    unit.ends = !method.content;
    if (method.content)
      this.contents[fromClient ? 'client' : 'server'].set(channel, {
        fields,
        action: ACTIONS[method.name],
        size: -1,
        left: -1,
      });
    return 'unit';
  }

  /** Answers come in order on each channel; the client's questions count upwards, the server's downwards. */
  private pair(
    method: Method,
    noWait: boolean,
    channel: number,
    fromClient: boolean,
    fields: MutableFields,
    unit: Unit,
  ): void {
    const own = this.asked[fromClient ? 'client' : 'server'];
    if (method.kind === 'tell' || noWait) {
      unit.begins = 'oneway';
      fields.status ??= 'ok';
      return;
    }
    if (method.kind === 'ask') {
      unit.begins = 'request';
      const number = own.add({ channel, method: method.name, endpoint: fields.endpoint });
      fields.pairingKey = fromClient ? number : -number;
      return;
    }
    unit.begins = 'response';
    fields.status ??= 'ok';
    const waiting = this.asked[fromClient ? 'server' : 'client'];
    const found = waiting.pick((asked) => asked.channel === channel && answers(method.name, asked.method));
    if (found === undefined) return;
    fields.pairingKey = fromClient ? -found.key : found.key;
    if (found.details.endpoint !== undefined) fields.endpoint ??= found.details.endpoint;
  }
}

/** Exchange and routing key are the same on the way in and on the way out. */
const placeOf = ({ fields }: Content) => `amqp ${fields.resource ?? ''}`;

function nameByProperties(content: Content, { messageId, correlationId }: ContentProperties): void {
  if (content.action === undefined) return;
  addQueueNames(content.fields, content.action, [
    messageId && { basis: 'id', value: `${placeOf(content)} message ${messageId}` },
    correlationId && { basis: 'id', value: `${placeOf(content)} correlation ${correlationId}` },
  ]);
}

/** By the first frame of the body: a broker may divide it anew, but into frames of several thousand bytes. */
function nameByBody(content: Content, bytes: Uint8Array, start: number, end: number): void {
  if (content.action === undefined) return;
  addQueueNames(content.fields, content.action, [contentName(placeOf(content), content.size, bytes, start, end)]);
}
