import type { Cursor } from '../../base/cursor';
import { readMessageProperty } from '../message-property';
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
import { COMMANDS, type Command, errorName, isServerError, Type } from './commands';
import { readMessageMetadata } from './metadata';
import { ProtobufFields, Wire } from './protobuf';

/**
 * Pulsar's binary protocol: https://pulsar.apache.org/docs/next/developing-binary-protocol/ (lengths are big endian)
 *
 *   frame   = length (4) · command length (4) · BaseCommand · [ message ]
 *   command = 08 type · tag of the field with the type's number · length · fields
 *   message = [ 0e02 · length (4) · broker metadata ] · [ 0e01 · checksum (4) ] · length (4) · MessageMetadata · payload
 *
 * Requests and answers carry a request id; SEND and its receipt the producer's id and a sequence number. Connecting,
 * challenges and pings have neither: they are answered in order.
 */
export const pulsar: ProtocolParser = {
  protocol: 'pulsar',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new PulsarConnection(),
};

/** Brokers take messages of 5 MiB unless they are told otherwise. */
const MAX_FRAME = 1 << 28;
const MAX_COMMAND = 1 << 20;
const HEAD = 8;
/** Bytes that are waited for: enough for a command and the metadata of a message. */
const ENOUGH = 4096;
/** Topics of producers and consumers that are remembered for one connection. */
const MAX_NAMED = 4096;
/** Ids are unsigned: −1 stands for none. */
const NONE_FROM = 2 ** 63;

/** Lengths that agree, and a command whose field has its type's number and fills what the lengths leave. */
function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  if (cursor.peek() > 15 || cursor.peek(4) > 0) return 'no';
  if (cursor.peek(8) !== 8 && end - position > HEAD) return 'no';
  if (end - position < HEAD + 6) return more;
  const size = sizes(cursor);
  if (size === undefined) return 'no';
  const type = bytes[position + 9]!;
  const command = COMMANDS.get(type);
  if (command === undefined) return 'no';
  const stop = position + HEAD + size.command;
  const fields = new ProtobufFields(bytes, position + 10, Math.min(end, stop));
  if (!fields.next() || fields.number !== type || fields.wire !== Wire.bytes) return 'no';
  const carries = type === Type.send || type === Type.message;
  if (!carries && size.frame !== size.command + 4) return 'no';
  if (stop <= end ? fields.stop !== stop : !fields.broken) return 'no';
  if (command.from !== 'both') {
    const fits = context.fromClient === undefined || context.fromClient === (command.from === 'client');
    return fits ? (command.from === 'client' ? 'request' : 'response') : 'no';
  }
  return context.fromClient === false ? 'response' : 'request';
}

function sizes(cursor: Cursor): { frame: number; command: number } | undefined {
  const at = cursor.position;
  const frame = cursor.u32();
  const command = cursor.u32();
  cursor.position = at;
  return frame >= 6 && frame <= MAX_FRAME && command >= 2 && command <= Math.min(frame - 4, MAX_COMMAND)
    ? { frame, command }
    : undefined;
}

/** What an answer is recognised by: most by the request id. */
type PairedBy = 'request' | 'send' | 'connect' | 'challenge' | 'ping';
const PAIRED_BY: Readonly<Record<number, PairedBy>> = {
  [Type.connect]: 'connect',
  [Type.connected]: 'connect',
  [Type.send]: 'send',
  [Type.sendReceipt]: 'send',
  [Type.sendError]: 'send',
  [Type.ping]: 'ping',
  [Type.pong]: 'ping',
  [Type.authChallenge]: 'challenge',
  [Type.authResponse]: 'challenge',
};

interface Asked {
  readonly by: PairedBy;
  readonly id: number;
  readonly producer: number;
  readonly topic: string | undefined;
}

/** The fields of a command that are read, −1 = absent. */
interface Values {
  readonly request: number;
  readonly sequence: number;
  readonly producer: number;
  readonly consumer: number;
  readonly topic: string | undefined;
}

class PulsarConnection implements ConnectionParser {
  private version: string | undefined = undefined;
  /** The broker that a proxy was asked to connect to. */
  private domain: string | undefined = undefined;
  private readonly producers = new Map<number, string>();
  private readonly consumers = new Map<number, string>();
  private readonly asked = { client: new PendingRequests<Asked>(), server: new PendingRequests<Asked>() };

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (cursor.remaining < HEAD) return 'more';
    const size = sizes(cursor);
    if (size === undefined) return 'invalid';
    const length = size.frame + 4;
    if (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH)) return 'more';
    const start = position + HEAD;
    const end = Math.min(cursor.end, position + length);
    const stop = Math.min(end, start + size.command);
    const base = new ProtobufFields(bytes, start, stop);
    if (!base.next()) return cursor.cut && start >= end ? 'more' : 'invalid';
    const type = base.value;
    const command = COMMANDS.get(type);
    if (base.number !== 1 || base.wire !== Wire.varint) return 'invalid';
    // A command of a later version: stepped over.
    if (command === undefined) return unit.whole('oneway', { method: `command ${type}`, endpoint: 'unknown' }, length);
    if (command.from === (fromClient ? 'server' : 'client')) return 'invalid';
    const fields: MutableFields = { method: command.name };
    while (base.next()) if (base.number === type) break;
    const values = this.readCommand(command, type, base.number === type ? base.inner() : undefined, fields);
    if (type === Type.send || type === Type.message) {
      readMessageMetadata(bytes, start + size.command, end, (name, value) => readMessageProperty(name, value, fields));
    }
    const topic = this.topicOf(type, values);
    if (topic !== undefined) {
      fields.resource = topic;
      fields.endpoint = topic;
    }
    const begins = this.pair(command, type, values, topic, fromClient, fields);
    fields.endpoint ??= command.name;
    if (this.version !== undefined) fields.version = this.version;
    if (this.domain !== undefined) fields.domain = this.domain;
    return unit.whole(begins, fields, length);
  }

  private readCommand(
    command: Command,
    type: number,
    inner: ProtobufFields | undefined,
    fields: MutableFields,
  ): Values {
    const values = { request: -1, sequence: -1, producer: -1, consumer: -1, topic: undefined as string | undefined };
    let error = -1;
    let message: string | undefined;
    while (inner?.next()) {
      const { number } = inner;
      if (inner.wire === Wire.varint) {
        const value = inner.value >= NONE_FROM ? -1 : inner.value;
        if (number === command.request) values.request = value;
        else if (number === command.producer) values.producer = value;
        else if (number === command.consumer) values.consumer = value;
        else if (number === command.error) error = value;
        else if (number === 2 && command.producer === 1) values.sequence = value;
        if (number === (type === Type.connect ? 4 : type === Type.connected ? 2 : -1)) this.version = `${value}`;
      } else if (inner.wire === Wire.bytes) {
        if (number === command.topic) values.topic = inner.text;
        else if (number === command.message) message = inner.text;
        else if (number === 6 && type === Type.connect && inner.text !== '') this.domain = inner.text;
      }
    }
    if (error >= 0) {
      fields.statusCode = error;
      fields.status = isServerError(error) ? 'server_error' : 'client_error';
      fields.exception = message !== undefined && message !== '' ? message : errorName(error);
    }
    return values;
  }

  /** The topic that is named, or that the producer or consumer is known to have. */
  private topicOf(type: number, { topic, producer, consumer }: Values): string | undefined {
    if (topic !== undefined && topic !== '') {
      if (type === Type.producer && this.producers.size < MAX_NAMED) this.producers.set(producer, topic);
      if (type === Type.subscribe && this.consumers.size < MAX_NAMED) this.consumers.set(consumer, topic);
      return topic;
    }
    const known = producer >= 0 ? this.producers.get(producer) : this.consumers.get(consumer);
    if (type === Type.closeProducer) this.producers.delete(producer);
    if (type === Type.closeConsumer) this.consumers.delete(consumer);
    return known;
  }

  /** Which way it goes, and the number that pairs it: the client's questions count upwards, the server's downwards. */
  private pair(
    command: Command,
    type: number,
    values: Values,
    topic: string | undefined,
    fromClient: boolean,
    fields: MutableFields,
  ): 'request' | 'response' | 'oneway' {
    const isSend = PAIRED_BY[type] === 'send';
    const id = isSend ? values.sequence : values.request;
    if (id >= 0) fields.requestId = id;
    if (PAIRED_BY[type] === 'ping') fields.heartbeat = true;
    if (command.kind === 'answer') {
      fields.status ??= 'ok';
      const by = PAIRED_BY[type] ?? 'request';
      const found = this.asked[fromClient ? 'server' : 'client'].pick(
        (asked) =>
          (asked.by === by && asked.id === id && asked.producer === (isSend ? values.producer : -1)) ||
          // An ERROR without the id of a request refuses the connection.
          (type === Type.error && id < 0 && asked.by === 'connect'),
      );
      // A number that no request has: what was not found is no one's answer.
      const key = found === undefined ? Number.MAX_SAFE_INTEGER : found.key;
      fields.pairingKey = fromClient ? -key : key;
      if (found?.details.topic !== undefined) {
        fields.resource ??= found.details.topic;
        fields.endpoint ??= found.details.topic;
      }
      return 'response';
    }
    // The broker closes a producer or consumer without asking, and acknowledgements ask only where they have an id.
    const closes = type === Type.closeProducer || type === Type.closeConsumer;
    const asks = command.kind === 'ask' ? fromClient || !closes : type === Type.ack && values.request >= 0;
    if (!asks) {
      fields.status = 'ok';
      return 'oneway';
    }
    const key = this.asked[fromClient ? 'client' : 'server'].add({
      by: PAIRED_BY[type] ?? 'request',
      id,
      producer: isSend ? values.producer : -1,
      topic,
    });
    fields.pairingKey = fromClient ? key : -key;
    return 'request';
  }
}
