import { isPrintable } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
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
import { type Frame, readFrame, readMetadata } from './frames';

/**
 * ZMTP 3.x, https://rfc.zeromq.org/spec/23/ and https://rfc.zeromq.org/spec/37/, and 2.0, https://rfc.zeromq.org/spec/15/
 *
 *   connection = greeting · *( command / message )          both sides alike
 *   greeting   = ff · padding (8) · 7f · revision (1) · rest
 *   rest       = minor (1) · mechanism (20) · as server (1) · 0 (31)       revision 3 on both sides
 *              / socket type (1) · identity (a frame)                      revision 1, which is 2.0
 *   frame      = flags (1: 1 more follows, 2 long, 4 command) · length (1, or 8 if long) · body
 *   command    = name, its length (1) before it · data         READY, HELLO, WELCOME, INITIATE, ERROR, SUBSCRIBE, PING …
 *   message    = frames, all but the last with "more"
 *
 * The socket types say which messages ask: those of a REQ, or to a REP. All others are one-way.
 */
export const zmtp: ProtocolParser = {
  protocol: 'zmtp',
  transports: ['tcp'],
  pairing: 'order',
  infer,
  open: () => new ZmtpConnection(),
};

const SIGNATURE = 11;
const REST_3 = 53;
const MECHANISM = 20;
/** Bytes of a frame that are waited for: enough for a topic, or for a command. */
const ENOUGH = 256;
const MAX_TEXT = 128;
const MECHANISMS: ReadonlySet<string> = new Set(['NULL', 'PLAIN', 'CURVE', 'GSSAPI']);
const SOCKET_TYPES_2 = ['PAIR', 'PUB', 'SUB', 'REQ', 'REP', 'DEALER', 'ROUTER', 'PULL', 'PUSH'];
/** Commands that are telling in the middle of a connection. */
const COMMAND = /^(?:READY|HELLO|WELCOME|INITIATE|ERROR|SUBSCRIBE|CANCEL|PING|PONG|JOIN|LEAVE)/;
/** libzmq wrote "\x5ERROR" in C, and has sent the character 5E and "RROR" since. */
const ERROR_OF_LIBZMQ = '^RROR';

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const more: Inference = cursor.cut ? 'no' : 'more';
  const verdict: Inference = context.fromClient === false ? 'response' : 'request';
  const first = cursor.peek();
  if (first === 4 || first === 6) return inferCommand(bytes, position, end, more, verdict);
  if (first !== 0xff) return 'no';
  for (let i = 1; i < 8; i += 1) if (cursor.peek(i) > 0) return 'no';
  if (end - position >= 10 && bytes[position + 9] !== 0x7f) return 'no';
  if (end - position < SIGNATURE) return more;
  const revision = bytes[position + 10]!;
  if (revision === 1) return cursor.peek(11) < SOCKET_TYPES_2.length ? verdict : 'no';
  if (revision !== 3 || cursor.peek(11) > 1) return 'no';
  if (end - position < SIGNATURE + 1 + MECHANISM) return verdict;
  return MECHANISMS.has(mechanismAt(bytes, position + SIGNATURE + 1)) ? verdict : 'no';
}

function inferCommand(bytes: Uint8Array, at: number, end: number, more: Inference, verdict: Inference): Inference {
  const frame = readFrame(bytes, at, end);
  if (typeof frame === 'string') return frame === 'more' ? more : 'no';
  const name = at + frame.head;
  if (frame.length < 5 || frame.length > 4096 || (name < end && bytes[name]! > 9)) return 'no';
  if (name + 10 > end && name + frame.length > end) return more;
  const size = bytes[name]!;
  const text = decodeText(bytes, name + 1, Math.min(end, name + 1 + size));
  return size < frame.length && COMMAND.exec(text)?.[0] === text ? verdict : 'no';
}

function mechanismAt(bytes: Uint8Array, at: number): string {
  return decodeText(bytes, at, at + MECHANISM).replace(/\0+$/, '');
}

/** One side of the connection. */
interface Side {
  /** Of its greeting; −1 = not seen. */
  revision: number;
  /** The rest of its greeting is to come. */
  greeting: MutableFields | undefined;
  socketType: string | undefined;
  /** The message whose frames are coming. */
  message: MutableFields | undefined;
  /** Frames of it so far. */
  frames: number;
}

function newSide(): Side {
  return { revision: -1, greeting: undefined, socketType: undefined, message: undefined, frames: 0 };
}

class ZmtpConnection implements ConnectionParser {
  private readonly client = newSide();
  private readonly server = newSide();
  private version: string | undefined = undefined;

  resume(fromClient: boolean): void {
    const side = fromClient ? this.client : this.server;
    side.greeting = undefined;
    side.message = undefined;
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const side = fromClient ? this.client : this.server;
    const peer = fromClient ? this.server : this.client;
    if (side.greeting !== undefined) return this.parseRest(cursor, side, peer, side.greeting, unit);
    if (cursor.peek() === 0xff) return parseSignature(cursor, side, unit);
    const { bytes, position } = cursor;
    const frame = readFrame(bytes, position, cursor.end);
    if (typeof frame === 'string') return frame;
    if (!cursor.cut && cursor.remaining < frame.head + Math.min(frame.length, ENOUGH)) return 'more';
    unit.length = frame.head + frame.length;
    const start = position + frame.head;
    const end = Math.min(cursor.end, start + Math.min(frame.length, ENOUGH));
    if (frame.command) return this.parseCommand(bytes, start, end, side, unit);
    return this.parseFrame(bytes, start, end, frame, side, peer, unit);
  }

  private parseRest(cursor: Cursor, side: Side, peer: Side, fields: MutableFields, unit: Unit): Outcome {
    const { bytes, position, end } = cursor;
    // Whoever sees an older revision goes on as that asks for.
    const isOld = side.revision === 1 || peer.revision === 1;
    if (isOld) {
      const identity = readFrame(bytes, position + 1, end);
      if (typeof identity === 'string') return identity;
      side.socketType = SOCKET_TYPES_2[bytes[position]!];
      unit.length = 1 + identity.head + identity.length;
      this.version = '2.0';
      if (side.socketType !== undefined) fields.resource = side.socketType;
    } else {
      if (cursor.remaining < (cursor.cut ? 1 : 1 + MECHANISM)) return 'more';
      unit.length = REST_3;
      this.version = `3.${bytes[position]!}`;
      if (cursor.remaining > MECHANISM) fields.resource = mechanismAt(bytes, position + 1);
    }
    fields.version = this.version;
    side.greeting = undefined;
    unit.ends = true;
    return 'unit';
  }

  private parseCommand(bytes: Uint8Array, start: number, end: number, side: Side, unit: Unit): Outcome {
    if (start >= end) return 'unit';
    const isOdd = decodeText(bytes, start, Math.min(end, start + 5)) === ERROR_OF_LIBZMQ;
    const data = isOdd ? start + 5 : start + 1 + bytes[start]!;
    const name = isOdd ? 'ERROR' : decodeText(bytes, start + 1, Math.min(end, data));
    const fields: MutableFields = { ...this.newFields(name), status: 'ok' };
    switch (name) {
      case 'READY':
      case 'INITIATE': {
        side.socketType = readMetadata(bytes, data, end).get('socket-type') ?? side.socketType;
        if (side.socketType !== undefined) fields.resource = side.socketType;
        break;
      }
      case 'HELLO': {
        // In PLAIN a user's name, and a password that is nobody's business.
        const user = readable(bytes, data + 1, Math.min(end, data + 1 + (bytes[data] ?? 0)));
        if (user !== undefined) fields.resource = user;
        break;
      }
      case 'ERROR': {
        const reason = decodeText(bytes, data + 1, Math.min(end, data + 1 + (bytes[data] ?? 0)));
        fields.status = 'server_error';
        fields.exception = reason === '' ? name : reason;
        if (/^\d{3}$/.test(reason)) fields.statusCode = Number(reason);
        break;
      }
      case 'SUBSCRIBE':
      case 'CANCEL':
      case 'JOIN':
      case 'LEAVE': {
        const topic = readable(bytes, data, end);
        if (topic !== undefined) fields.resource = topic;
        break;
      }
      case 'PING':
      case 'PONG':
        fields.heartbeat = true;
    }
    return unit.whole('oneway', fields, unit.length);
  }

  private parseFrame(
    bytes: Uint8Array,
    start: number,
    end: number,
    frame: Frame,
    side: Side,
    peer: Side,
    unit: Unit,
  ): Outcome {
    let fields = side.message;
    if (fields === undefined) {
      fields = this.newFields(side.socketType ?? 'MESSAGE');
      const asks = side.socketType === 'REQ' || peer.socketType === 'REP';
      const answers = side.socketType === 'REP' || peer.socketType === 'REQ';
      unit.begins = asks ? 'request' : answers ? 'response' : 'oneway';
      if (!asks) fields.status = 'ok';
      unit.fields = fields;
      side.frames = 0;
    }
    side.frames += 1;
    // What comes first tells what it is about: a topic, or the text behind the empty frame of a request.
    if (fields.resource === undefined && side.frames <= 2) {
      const text = readable(bytes, start, end);
      if (text !== undefined) {
        fields.resource = text;
        const isTopic = side.frames === 1 && frame.more && unit.begins === 'oneway';
        if (isTopic) fields.endpoint = pathEndpoint(text);
      }
    }
    unit.ends = !frame.more;
    side.message = frame.more ? fields : undefined;
    return 'unit';
  }

  private newFields(method: string): MutableFields {
    const fields: MutableFields = { method, endpoint: method };
    if (this.version !== undefined) fields.version = this.version;
    return fields;
  }
}

/** The greeting as far as it is alike in all versions. */
function parseSignature(cursor: Cursor, side: Side, unit: Unit): Outcome {
  const { bytes, position } = cursor;
  if (cursor.remaining < SIGNATURE) return 'more';
  const revision = bytes[position + 10]!;
  if (bytes[position + 9] !== 0x7f || (revision !== 1 && revision !== 3)) return 'invalid';
  side.revision = revision;
  side.greeting = { method: 'GREETING', endpoint: 'GREETING', status: 'ok' };
  unit.begins = 'oneway';
  unit.fields = side.greeting;
  unit.length = SIGNATURE;
  return 'unit';
}

/** The text there, if it is one. */
function readable(bytes: Uint8Array, start: number, end: number): string | undefined {
  const stop = Math.min(end, start + MAX_TEXT);
  if (start >= stop) return undefined;
  for (let at = start; at < stop; at += 1) {
    if (!isPrintable(bytes[at]!) && bytes[at]! < 0x80) return undefined;
  }
  return decodeText(bytes, start, stop);
}
