import { agrees, codes } from '../../base/ascii';
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
import { Decoder, type StructureCache, type Values } from './decoder';
import { visitPrimitiveMap } from './primitive-map';
import { STRUCTURES, type Structure, Type } from './structures';

/**
 * OpenWire, the protocol of ActiveMQ: https://activemq.apache.org/openwire-version-2-specification (big endian)
 *
 *   connection = WireFormatInfo · commands                   both sides alike; what both can do is then done
 *   frame      = length (4) · type (1) · structure           see structures.ts, and decoder.ts for the two encodings
 *   handshake  = length (4) · 1 · "ActiveMQ" · version (4) · 1 · length (4) · map
 *   structure  = command number (4) · asks for an answer (1) · fields
 *   response   = … · number of the command that is answered (4) · …
 *
 * Commands that ask for no answer are one-way.
 */
export const openwire: ProtocolParser = {
  protocol: 'openwire',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new OpenwireConnection(),
};

const MAGIC = codes('ActiveMQ');
const HEAD = 5;
/** The broker's limit (maxFrameSize) is 100 MB unless it is raised. */
const MAX_FRAME = 1 << 28;
const MAX_TELLING_LENGTH = 1 << 20;
/** Bytes that are waited for: enough for a small message with its properties, which stand behind its content. */
const ENOUGH = 16_384;
const NEWEST_VERSION = 12;
const MAX_BITS = 64;

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  if (cursor.peek() > 15) return 'no';
  const type = cursor.peek(4);
  const structure = STRUCTURES.get(type);
  if (type >= 0 && type !== Type.wireFormatInfo && (structure === undefined || structure.role === 'part')) return 'no';
  if (end - position < HEAD + 8) {
    const fits = type !== Type.wireFormatInfo || agrees(bytes, position + HEAD, end, MAGIC);
    return fits ? more : 'no';
  }
  const length = lengthAt(bytes, position);
  if (length < 6 || length > MAX_TELLING_LENGTH) return 'no';
  if (structure === undefined) {
    if (!agrees(bytes, position + HEAD, end, MAGIC)) return 'no';
    return context.fromClient === false ? 'response' : 'request';
  }
  const isServer = context.fromClient === undefined ? structure.from === 'server' : !context.fromClient;
  if (isServer !== (structure.from === 'server') && structure.from !== 'both') return 'no';
  return isTelling(bytes, position, end, length, type, structure) ? (isServer ? 'response' : 'request') : 'no';
}

/** In the middle of a connection: structures within that can be read, or a response of exactly its length. */
function isTelling(
  bytes: Uint8Array,
  position: number,
  end: number,
  length: number,
  type: number,
  structure: Structure,
): boolean {
  const first = bytes[position + HEAD]!;
  if (first > MAX_BITS) return false;
  if (structure.role === 'response') {
    if (structure.name !== 'Response' || length !== (first === 0 ? 10 : 11) || first > 1) return false;
    if (end < position + 4 + length) return false;
    // Commands are numbered from 1; a broker's answers often have no number at all.
    return bytes[position + HEAD + 1] === 0 && bytes[position + HEAD + 2]! === 0;
  }
  const stop = Math.min(end, position + 4 + length);
  const decoder = new Decoder(bytes, position + HEAD, stop, { version: NEWEST_VERSION, cached: undefined }, new Map());
  decoder.readHead();
  const { commandId } = decoder.values;
  if (decoder.broken || commandId < 0 || commandId > 1 << 24) return false;
  decoder.readFields(type);
  return decoder.structures > 0 && (!decoder.broken || stop < position + 4 + length);
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** What a side says in its handshake that it can do. */
interface Handshake {
  readonly cache: boolean;
  readonly withoutSize: boolean;
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly endpoint: string;
}

class OpenwireConnection implements ConnectionParser {
  private readonly handshakes: { client?: Handshake; server?: Handshake } = {};
  private readonly format: { version: number; cached: boolean | undefined } = {
    version: NEWEST_VERSION,
    cached: undefined,
  };
  private readonly caches: { client: StructureCache; server: StructureCache } = {
    client: new Map(),
    server: new Map(),
  };
  private readonly asked = { client: new PendingRequests<Asked>(), server: new PendingRequests<Asked>() };

  /** Structures may be among what was lost: those that their numbers stand for now are not known. */
  resume(fromClient: boolean): void {
    this.caches[fromClient ? 'client' : 'server'].clear();
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    const { client, server } = this.handshakes;
    if (client?.withoutSize === true && server?.withoutSize === true) return 'unsupported';
    if (cursor.remaining < HEAD) return 'more';
    const size = lengthAt(bytes, position);
    const type = bytes[position + 4]!;
    if (size < 1 || size > MAX_FRAME) return 'invalid';
    const length = size + 4;
    if (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH)) return 'more';
    const start = position + HEAD;
    const end = Math.min(cursor.end, position + length);
    if (type === Type.wireFormatInfo) return this.parseHandshake(bytes, start, end, fromClient, unit, length);
    const structure = STRUCTURES.get(type);
    if (structure === undefined) {
      // Of a later version, or between brokers: stepped over.
      return type < 100 ? unit.whole('oneway', { method: `command ${type}`, endpoint: 'unknown' }, length) : 'invalid';
    }
    if (structure.role === 'part') return 'invalid';
    if (start >= end) return 'more';
    const cache = this.caches[fromClient ? 'client' : 'server'];
    const { format } = this;
    const decoder = new Decoder(bytes, start, end, format, cache);
    decoder.readHead();
    decoder.readFields(type);
    const { values } = decoder;
    const fields: MutableFields = { method: structure.name };
    if (client !== undefined || server !== undefined) fields.version = `${format.version}`;
    readValues(values, fields);
    if (values.propertiesTo > 0) {
      visitPrimitiveMap(bytes, values.propertiesFrom, values.propertiesTo, (name, value) => {
        if (typeof value === 'string') readMessageProperty(name, value, fields);
      });
    }
    if (type === Type.keepAlive) fields.heartbeat = true;
    return unit.whole(this.pair(structure, values, fromClient, fields), fields, length);
  }

  private parseHandshake(
    bytes: Uint8Array,
    start: number,
    end: number,
    fromClient: boolean,
    unit: Unit,
    length: number,
  ): Outcome {
    if (!agrees(bytes, start, end, MAGIC)) return 'invalid';
    if (end - start < 12) return 'more';
    const version = lengthAt(bytes, start + 8);
    const said = new Map<string, string | number>();
    visitPrimitiveMap(bytes, start + 17, end, (name, value) => said.set(name, value));
    const { handshakes, format } = this;
    handshakes[fromClient ? 'client' : 'server'] = {
      cache: said.get('CacheEnabled') === 1,
      withoutSize: said.get('SizePrefixDisabled') === 1,
    };
    format.version = Math.min(format.version, version);
    const { client, server } = handshakes;
    if (client !== undefined && server !== undefined) format.cached = client.cache && server.cache;
    const fields: MutableFields = {
      method: 'WireFormatInfo',
      endpoint: 'WireFormatInfo',
      status: 'ok',
      version: `${version}`,
    };
    const provider = said.get('ProviderName');
    if (typeof provider === 'string') fields.resource = `${provider} ${said.get('ProviderVersion') ?? ''}`.trim();
    return unit.whole('oneway', fields, length);
  }

  /** Each side numbers its own commands: the broker's questions have a sign of their own. */
  private pair(
    { name, role }: Structure,
    { responseRequired, commandId, correlation }: Values,
    fromClient: boolean,
    fields: MutableFields,
  ): 'request' | 'response' | 'oneway' {
    if (role === 'response') {
      fields.status ??= 'ok';
      const waiting = this.asked[fromClient ? 'server' : 'client'];
      const found = waiting.pick(({ id }) => id === correlation);
      fields.requestId = correlation;
      // A number that no request has: what was not found is answered a second time, or was asked before the capture.
      const key = found?.key ?? Number.MAX_SAFE_INTEGER;
      fields.pairingKey = fromClient ? -key : key;
      fields.endpoint = found?.details.endpoint ?? name;
      return 'response';
    }
    if (commandId > 0) fields.requestId = commandId;
    fields.endpoint ??= name;
    if (!responseRequired || fields.heartbeat === true) {
      fields.status ??= 'ok';
      return 'oneway';
    }
    const key = this.asked[fromClient ? 'client' : 'server'].add({
      id: commandId,
      method: name,
      endpoint: fields.endpoint,
    });
    fields.pairingKey = fromClient ? key : -key;
    return 'request';
  }
}

/** What a command is about: a destination, else what it names. */
function readValues({ names, texts }: Values, fields: MutableFields): void {
  const destination = names.get('destination');
  if (destination !== undefined && destination.text !== '') {
    const { type, text } = destination;
    fields.resource = text;
    // Temporary destinations are named anew for every client.
    fields.endpoint = type === Type.tempQueue ? 'temp-queue' : type === Type.tempTopic ? 'temp-topic' : text;
  } else {
    const what = texts.get('clientId') ?? texts.get('url') ?? texts.get('subscription') ?? texts.get('command');
    const id = names.get('object') ?? names.get('session') ?? names.get('connection');
    const resource = what ?? id?.text;
    if (resource !== undefined && resource !== '') fields.resource = resource;
  }
  const exception = texts.get('exception');
  if (exception !== undefined) {
    fields.status = 'server_error';
    fields.exception = exception;
  }
}
