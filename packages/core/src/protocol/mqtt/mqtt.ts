import type { Cursor } from '../../base/cursor';
import { pathEndpoint } from '../path-endpoint';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { addQueueNames, contentName } from '../queue-names';
import { readTraceHeader, TRACE_HEADERS } from '../trace-context';
import { type FixedHeader, fixedHeader, PACKET_NAMES, Packet, readProperties, readString, u16 } from './packets';
import { codeOf } from './reason-codes';

/** MQTT 3.1, 3.1.1 and 5: each packet is a message. Either side publishes; its packet ids are its own. */
export const mqtt: ProtocolParser = {
  protocol: 'mqtt',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new MqttConnection(),
};

/** Bytes that are waited for: enough for a topic and its properties. */
const ENOUGH = 2048;
const MAX_ALIASES = 1024;
const MAX_TELLING_LENGTH = 1 << 20;
/** Packets that only the client, or only the server, sends. */
const CLIENT_ONLY: ReadonlySet<number> = new Set([
  Packet.connect,
  Packet.subscribe,
  Packet.unsubscribe,
  Packet.pingreq,
]);
const SERVER_ONLY: ReadonlySet<number> = new Set([Packet.connack, Packet.suback, Packet.unsuback, Packet.pingresp]);
/** Response to request, by type. */
const ANSWERS: Readonly<Record<number, number>> = {
  [Packet.connack]: Packet.connect,
  [Packet.puback]: Packet.publish,
  [Packet.pubrec]: Packet.publish,
  [Packet.pubcomp]: Packet.pubrel,
  [Packet.suback]: Packet.subscribe,
  [Packet.unsuback]: Packet.unsubscribe,
  [Packet.pingresp]: Packet.pingreq,
};
const ONE_WAY: ReadonlySet<number> = new Set([Packet.disconnect, Packet.auth]);
const FILTER = /^[ -~\u0080-\uffff]+$/;
const TOPIC = /^[ -"$-*,-~\u0080-\uffff]+$/;

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  const first = cursor.peek();
  const type = first >> 4;
  if (first !== 0x10 && first !== 0x82 && type !== Packet.publish) return 'no';
  const header = fixedHeader(bytes, position, end);
  if (header === 'invalid') return 'no';
  if (header === 'more') return more;
  const at = position + header.size;
  const stop = at + header.remaining;
  if (header.remaining > MAX_TELLING_LENGTH || header.remaining < 4) return 'no';
  if (end - at < 4) return more;
  if (type === Packet.connect) {
    if (context.fromClient === false || u16(bytes, at) > 6) return 'no';
    const { text, next } = readString(bytes, at, end);
    if (next > end) return 'MQTT'.startsWith(text) || 'MQIsdp'.startsWith(text) ? more : 'no';
    return text === 'MQTT' || text === 'MQIsdp' ? 'request' : 'no';
  }
  // In the middle of a connection: whole packets only, with a topic that can be one.
  if (stop > end || (stop < end && typeof fixedHeader(bytes, stop, end) === 'string' && end - stop > 1)) return 'no';
  if (type === Packet.subscribe) {
    const { text, next } = readString(bytes, at + 2, end);
    const fits = context.fromClient !== false && u16(bytes, at) > 0 && next < stop && FILTER.test(text);
    return fits && bytes[next]! <= 2 ? 'request' : 'no';
  }
  const { text, next } = readString(bytes, at, end);
  if (next > stop || text.length < 2 || !TOPIC.test(text)) return 'no';
  return context.fromClient === false ? 'response' : 'request';
}

class MqttConnection implements ConnectionParser {
  /** Protocol level: 3, 4 or 5; 4 until a CONNECT says otherwise. */
  private level = 4;
  private readonly aliases = { client: new Map<number, string>(), server: new Map<number, string>() };

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    const header = fixedHeader(bytes, position, cursor.end);
    if (typeof header === 'string') return header;
    const { type, size, remaining } = header;
    if ((fromClient ? SERVER_ONLY : CLIENT_ONLY).has(type)) return 'invalid';
    const length = size + remaining;
    if (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH)) return 'more';
    const at = position + size;
    // Not a byte more than is always waited for, so that nothing depends on how the packet was delivered.
    const end = Math.min(cursor.end, position + Math.min(length, ENOUGH));
    const method = PACKET_NAMES[type]!;
    const fields: MutableFields = { method, endpoint: method };
    const key = this.readPacket(header, bytes, at, end, fromClient, fields);
    fields.version = this.level === 5 ? '5' : this.level === 4 ? '3.1.1' : '3.1';
    if (type === Packet.pingreq || type === Packet.pingresp) fields.heartbeat = true;
    const oneWay = ONE_WAY.has(type) || (type === Packet.publish && (header.flags & 6) === 0);
    if (oneWay) return unit.whole('oneway', fields, length);
    const asked = ANSWERS[type];
    const number = (asked ?? type) * 0x1_0000 + key;
    // The client's questions count upwards, the server's downwards.
    fields.pairingKey = fromClient === (asked === undefined) ? number : -number;
    if (key !== 0) fields.requestId = key;
    return unit.whole(asked === undefined ? 'request' : 'response', fields, length);
  }

  /** Says the packet id, 0 where there is none. */
  private readPacket(
    header: FixedHeader,
    bytes: Uint8Array,
    at: number,
    end: number,
    fromClient: boolean,
    fields: MutableFields,
  ): number {
    const { type, remaining } = header;
    switch (type) {
      case Packet.connect:
        this.readConnect(bytes, at, end, fields);
        return 0;
      case Packet.publish:
        return this.readPublish(header, bytes, at, end, fromClient, fields);
      case Packet.connack:
        setCode(fields, end > at + 1 ? bytes[at + 1]! : 0, this.level);
        return 0;
      case Packet.subscribe:
      case Packet.unsubscribe: {
        const from = this.level === 5 ? readProperties(bytes, at + 2, end, () => {}).next : at + 2;
        fields.resource = readString(bytes, from, end).text;
        fields.endpoint = `${fields.method} ${fields.resource}`;
        return u16(bytes, at);
      }
      case Packet.suback:
      case Packet.unsuback: {
        const from = this.level === 5 ? readProperties(bytes, at + 2, end, () => {}).next : at + 2;
        fields.status = 'ok';
        const bad = bytes.subarray(from, end).find((code) => code >= 0x80);
        if (bad !== undefined) setCode(fields, bad, 5);
        return u16(bytes, at);
      }
      case Packet.disconnect:
      case Packet.auth:
        if (this.level === 5 && end > at) setCode(fields, bytes[at]!, 5);
        return 0;
      case Packet.pingresp:
        fields.status = 'ok';
        return 0;
      case Packet.pingreq:
        return 0;
      default:
        // Acknowledgements: a reason only in version 5, and only when there is something to say.
        if (type !== Packet.pubrel) fields.status = 'ok';
        if (remaining > 2 && end > at + 2 && bytes[at + 2] !== 0) setCode(fields, bytes[at + 2]!, 5);
        return u16(bytes, at);
    }
  }

  private readConnect(bytes: Uint8Array, at: number, end: number, fields: MutableFields): void {
    const name = readString(bytes, at, end);
    this.level = bytes[name.next] ?? this.level;
    const from = name.next + 4;
    const id = this.level === 5 ? readProperties(bytes, from, end, () => {}).next : from;
    fields.resource = readString(bytes, id, end).text;
  }

  private readPublish(
    { flags, remaining }: FixedHeader,
    bytes: Uint8Array,
    at: number,
    end: number,
    fromClient: boolean,
    fields: MutableFields,
  ): number {
    const topic = readString(bytes, at, end);
    const hasId = (flags & 6) !== 0;
    let payload = topic.next + (hasId ? 2 : 0);
    let correlation: string | undefined;
    fields.resource = topic.text;
    if (this.level === 5) {
      const properties = readProperties(bytes, payload, end, (name, value) => {
        const header = TRACE_HEADERS.find((known) => known === name.toLowerCase());
        if (header !== undefined) readTraceHeader(header, value, fields);
      });
      const { topicAlias } = properties;
      correlation = properties.correlation;
      payload = properties.next;
      const aliases = this.aliases[fromClient ? 'client' : 'server'];
      if (topicAlias > 0 && topic.text !== '' && aliases.size < MAX_ALIASES) aliases.set(topicAlias, topic.text);
      if (topic.text === '') fields.resource = aliases.get(topicAlias) ?? '';
    }
    fields.endpoint = pathEndpoint(fields.resource);
    const place = `mqtt ${fields.resource}`;
    addQueueNames(fields, fromClient ? 'publish' : 'deliver', [
      correlation && { basis: 'id', value: `${place} ${correlation}` },
      contentName(place, at + remaining - payload, bytes, payload, end),
    ]);
    return hasId ? u16(bytes, topic.next) : 0;
  }
}

function setCode(fields: MutableFields, code: number, level: number): void {
  fields.statusCode = code;
  const { status, text } = codeOf(code, level);
  fields.status = status;
  if (status !== 'ok') fields.exception = text;
}
