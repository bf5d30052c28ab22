import { agrees, CR, codes, isDigit, isLetter, isPrintable, LF, SPACE } from '../../base/ascii';
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
import { FAMILIES, PUSHES, REPLICATION, SERVER_ERRORS, SUBSCRIBES, TELLING_INLINE } from './commands';
import { measure, newMeasured, Resp } from './resp';

/**
 * Redis: RESP2 and RESP3, and inline commands (https://redis.io/docs/latest/develop/reference/protocol-spec/). A request
 * is an array of bulk strings or a line of words; a response is any value. Requests and responses pair by order, except
 * what a server pushes: pub/sub messages, invalidations, and confirmations of all but the first channel of a SUBSCRIBE.
 */
const MAX_RESOURCE_BYTES = 1024;
/** Bytes of a value that are waited for before it is read: enough for the text of a command. */
const ENOUGH = 2048;
const MAX_INLINE = 65_536;
const PING = codes('PING\r\n');
const PONG = '+PONG\r\n';

export const redis: ProtocolParser = {
  protocol: 'redis',
  transports: ['tcp'],
  pairing: 'order',
  infer,
  open: () => new RedisConnection(),
};

/** Scratch: parsing never nests. */
const measured = newMeasured();

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const first = cursor.peek();
  if (first === Resp.array) return inferArray(cursor, context);
  if (first === Resp.bulk || first === Resp.integer || first === Resp.map) return inferResponse(cursor, context);
  if (first === Resp.status) return inferPong(cursor, context);
  return isLetter(first) ? inferInline(cursor, context) : 'no';
}

/** `*N CRLF $n CRLF word`: a request begins with the name of a command. */
function inferArray(cursor: Cursor, context: InferenceContext): Inference {
  const feed = cursor.find(LF, cursor.position + 12);
  const more = cursor.cut ? 'no' : 'more';
  if (feed < 0) return digitsOnly(cursor, cursor.position + 1, cursor.end) && cursor.remaining < 12 ? more : 'no';
  if (cursor.bytes[feed - 1] !== CR || !digitsOnly(cursor, cursor.position + 1, feed - 1)) return 'no';
  cursor.position = feed + 1;
  if (cursor.remaining === 0) return more;
  if (context.fromClient === false)
    return cursor.peek() === Resp.bulk || cursor.peek() === Resp.integer ? 'response' : 'no';
  if (cursor.peek() !== Resp.bulk) return 'no';
  const second = cursor.find(LF, cursor.position + 8);
  if (second < 0) return digitsOnly(cursor, cursor.position + 1, cursor.end) && cursor.remaining < 8 ? more : 'no';
  if (cursor.bytes[second - 1] !== CR || !digitsOnly(cursor, cursor.position + 1, second - 1)) return 'no';
  const length = Number(decodeText(cursor.bytes, cursor.position + 1, second - 1));
  if (length < 1 || length > 32) return 'no';
  cursor.position = second + 1;
  for (let i = 0; i < length; i += 1) {
    const byte = cursor.peek(i);
    if (byte < 0) return more;
    if (!isLetter(byte) && !isDigit(byte) && byte !== 0x2e && byte !== 0x5f && byte !== 0x7c && byte !== 0x2d)
      return 'no';
  }
  return 'request';
}

/** A whole value, or a bulk string whose length and text agree with what is there. */
function inferResponse(cursor: Cursor, context: InferenceContext): Inference {
  if (context.fromClient === true) return 'no';
  const result = measure(cursor, measured);
  if (result === 'value') return 'response';
  return result === 'more' && !cursor.cut && cursor.remaining < ENOUGH ? 'more' : 'no';
}

function inferInline(cursor: Cursor, context: InferenceContext): Inference {
  if (context.fromClient === false) return 'no';
  let length = 0;
  while (isLetter(cursor.peek(length))) length += 1;
  const after = cursor.peek(length);
  if (length > 10 || (after >= 0 && (length < 3 || (after !== SPACE && after !== CR)))) return 'no';
  const word = decodeText(cursor.bytes, cursor.position, cursor.position + length);
  if (after < 0) return cursor.cut || ![...TELLING_INLINE].some((known) => known.startsWith(word)) ? 'no' : 'more';
  if (!TELLING_INLINE.has(word)) return 'no';
  // NATS goes on with JSON.
  if (word === 'INFO' && cursor.peek(length + 1) === 0x7b) return 'no';
  const feed = cursor.find(LF, cursor.position + 128);
  if (feed < 0) return cursor.cut || cursor.remaining >= 128 ? 'no' : 'more';
  for (let at = cursor.position; at < feed - 1; at += 1) if (!isPrintable(cursor.bytes[at]!)) return 'no';
  if (cursor.bytes[feed - 1] !== CR) return 'no';
  if (word !== 'PING' || after !== CR) return 'request';
  // Both sides of NATS say the same, again and again: another command decides, or the answer (`inferPong`).
  cursor.position = feed + 1;
  while (cursor.remaining >= PING.length && agrees(cursor.bytes, cursor.position, cursor.end, PING)) {
    cursor.skip(PING.length);
  }
  if (cursor.remaining > 0) return infer(cursor, context);
  return cursor.cut ? 'no' : 'more';
}

/** `+PONG CRLF`, which no other protocol answers. */
function inferPong(cursor: Cursor, context: InferenceContext): Inference {
  const said = decodeText(cursor.bytes, cursor.position, Math.min(cursor.end, cursor.position + PONG.length));
  if (context.fromClient === true || !PONG.startsWith(said)) return 'no';
  if (said.length === PONG.length) return 'response';
  return cursor.cut ? 'no' : 'more';
}

function digitsOnly({ bytes }: Cursor, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    if (!isDigit(byte) && !(at === to - 1 && byte === CR)) return false;
  }
  return true;
}

class RedisConnection implements ConnectionParser {
  /** Confirmations that are still to come for SUBSCRIBE commands: only the first of each is their response. */
  private readonly confirmations: number[] = [];
  private confirmationBegun = false;
  private subscribed = false;
  private monitoring = false;
  private replicating = false;

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    if (this.replicating) return 'unsupported';
    return fromClient ? this.parseRequest(cursor, unit) : this.parseResponse(cursor, unit);
  }

  resume(): void {
    this.confirmations.length = 0;
    this.confirmationBegun = false;
  }

  private parseRequest(cursor: Cursor, unit: Unit): Outcome {
    const first = cursor.peek();
    if (first !== Resp.array) return this.parseInline(cursor, unit);
    const result = measure(cursor, measured);
    if (result === 'invalid') return 'invalid';
    if (result === 'more' && (!cursor.cut || measured.parts === 0)) return 'more';
    if (!cursor.cut && cursor.remaining < Math.min(measured.length, ENOUGH)) return 'more';
    if (measured.parts === 0) {
      // An empty array is passed over by the server.
      unit.length = measured.length;
      return 'unit';
    }
    this.commandUnit(cursor.bytes, unit);
    unit.length = measured.length;
    if (result === 'more') this.untilResync(cursor, unit);
    return 'unit';
  }

  /** Words of a line, as a person types them. */
  private parseInline(cursor: Cursor, unit: Unit): Outcome {
    const feed = cursor.find(LF, cursor.position + MAX_INLINE);
    if (feed < 0) return cursor.remaining >= MAX_INLINE || !startsInline(cursor.peek()) ? 'invalid' : 'more';
    const { bytes, position } = cursor;
    const end = bytes[feed - 1] === CR && feed > position ? feed - 1 : feed;
    unit.length = feed + 1 - position;
    measured.parts = 0;
    let at = position;
    while (at < end && measured.parts < measured.starts.length) {
      while (at < end && bytes[at] === SPACE) at += 1;
      if (at >= end) break;
      measured.starts[measured.parts] = at;
      while (at < end && bytes[at] !== SPACE) {
        if (!isPrintable(bytes[at]!) && bytes[at] !== 0x09) return 'invalid';
        at += 1;
      }
      measured.ends[measured.parts] = at;
      measured.parts += 1;
    }
    if (measured.parts === 0) return 'unit';
    // Letters and what the names of modules have: what begins otherwise is a line of something else.
    if (!/^[a-z][\w.|-]*$/i.test(part(bytes, 0))) return 'invalid';
    this.commandUnit(bytes, unit);
    return 'unit';
  }

  private commandUnit(bytes: Uint8Array, unit: Unit): void {
    const { parts } = measured;
    const method = part(bytes, 0);
    const command = method.toUpperCase();
    const fields: MutableFields = { method, endpoint: command, resource: method };
    const secret = command === 'AUTH' || command === 'HELLO';
    if (parts > 1) {
      if (FAMILIES.has(command)) fields.endpoint = `${command} ${part(bytes, 1).toUpperCase()}`;
      fields.resource = secret ? `${method} …` : commandLine(bytes, method, parts);
    }
    unit.begins = command === 'REPLCONF' && parts > 1 && part(bytes, 1).toUpperCase() === 'ACK' ? 'oneway' : 'request';
    unit.fields = fields;
    unit.ends = true;
    if (SUBSCRIBES.has(command)) {
      this.subscribed = true;
      this.confirmations.push(Math.max(parts - 1, 1));
    } else if (command === 'MONITOR') this.monitoring = true;
    else if (REPLICATION.has(command)) this.replicating = true;
  }

  private parseResponse(cursor: Cursor, unit: Unit): Outcome {
    const type = cursor.peek();
    const result = measure(cursor, measured);
    if (result === 'invalid') return 'invalid';
    if (result === 'more' && !cursor.cut) return 'more';
    const isError = type === Resp.error || type === Resp.bulkError;
    if (isError && !cursor.cut && cursor.remaining < Math.min(measured.length, ENOUGH)) return 'more';
    unit.begins = 'response';
    unit.ends = true;
    unit.length = measured.length;
    unit.fields = isError && measured.parts > 0 ? errorFields(cursor.bytes) : { status: 'ok' };
    if (type === Resp.push || (type === Resp.array && this.subscribed)) this.judgePush(cursor.bytes, unit);
    else if (this.monitoring && type === Resp.status && isDigit(cursor.peek(1))) {
      unit.begins = 'oneway';
      unit.fields = { method: 'MONITOR', endpoint: 'MONITOR', status: 'ok' };
    }
    if (result === 'more') this.untilResync(cursor, unit);
    return 'unit';
  }

  /** A push is one-way, unless it confirms a subscription: then the first one answers the command. */
  private judgePush(bytes: Uint8Array, unit: Unit): void {
    if (measured.parts === 0) return;
    const word = part(bytes, 0);
    const confirms = SUBSCRIBES.has(word.toUpperCase());
    if (confirms && this.confirmations.length > 0 && !this.confirmationBegun) {
      this.confirm();
      return;
    }
    if (confirms) this.confirm();
    else if (!PUSHES.has(word)) return;
    unit.begins = 'oneway';
    unit.fields = { method: word, endpoint: word, status: 'ok' };
    if (measured.parts > 1) unit.fields.resource = `${word} ${part(bytes, 1)}`;
  }

  private confirm(): void {
    const left = (this.confirmations[0] ?? 1) - 1;
    this.confirmationBegun = left > 0;
    if (left > 0) this.confirmations[0] = left;
    else this.confirmations.shift();
  }

  private untilResync(cursor: Cursor, unit: Unit): void {
    unit.length = cursor.remaining;
    unit.extent = 'until-resync';
  }
}

function startsInline(byte: number): boolean {
  return isLetter(byte) || byte === SPACE || byte === CR;
}

function part(bytes: Uint8Array, index: number): string {
  return decodeText(bytes, measured.starts[index]!, measured.ends[index]!);
}

function commandLine(bytes: Uint8Array, method: string, parts: number): string {
  let line = method;
  for (let i = 1; i < parts && line.length < MAX_RESOURCE_BYTES; i += 1) {
    const start = measured.starts[i]!;
    line += ` ${decodeText(bytes, start, Math.min(measured.ends[i]!, start + MAX_RESOURCE_BYTES - line.length))}`;
  }
  return line;
}

function errorFields(bytes: Uint8Array): MutableFields {
  const start = measured.starts[0]!;
  const text = decodeText(bytes, start, Math.min(measured.ends[0]!, start + MAX_RESOURCE_BYTES));
  const space = text.indexOf(' ');
  const word = space < 0 ? text : text.slice(0, space);
  return { status: SERVER_ERRORS.has(word) ? 'server_error' : 'client_error', exception: `-${text}` };
}
