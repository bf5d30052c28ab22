import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { little } from '../little-endian';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { BsonType, type Element, elements, render, scalar } from './bson';

/**
 * MongoDB wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ (little endian)
 *
 *   message  = length (4, counts itself) · request id (4) · response to (4) · code (4) · body
 *   OP_MSG   = flags (4): 1 checksum, 2 more to come, 65536 exhaust allowed · sections · [ checksum (4) ]
 *   section  = 0 · document / 1 · length (4, counts itself) · name NUL · documents
 *   OP_QUERY = flags (4) · collection NUL · skip (4) · limit (4) · document …
 *   OP_REPLY = flags (4) · cursor (8) · from (4) · count (4) · documents
 */
const HEADER_BYTES = 16;
const MAX_MESSAGE = 48_000_000 + 16_384;
/** Bytes that are waited for: enough for a command's arguments; of a reply that tells of an error, for its whole text. */
const ENOUGH = 4096;
const ENOUGH_OF_ERROR = 65_536;
const MAX_RESOURCE = 4096;

const Op = {
  reply: 1,
  update: 2001,
  insert: 2002,
  query: 2004,
  getMore: 2005,
  delete: 2006,
  kill: 2007,
  compressed: 2012,
  msg: 2013,
} as const;
const OP_NAMES: ReadonlyMap<number, string> = new Map([
  [Op.reply, 'OP_REPLY'],
  [Op.update, 'OP_UPDATE'],
  [Op.insert, 'OP_INSERT'],
  [Op.query, 'OP_QUERY'],
  [Op.getMore, 'OP_GET_MORE'],
  [Op.delete, 'OP_DELETE'],
  [Op.kill, 'OP_KILL_CURSORS'],
  [Op.compressed, 'OP_COMPRESSED'],
  [Op.msg, 'OP_MSG'],
]);
/** Sent without an answer by clients of old. */
const UNANSWERED: ReadonlySet<number> = new Set([Op.update, Op.insert, Op.delete, Op.kill]);
const MORE_TO_COME = 2;
/** Flags of OP_MSG beyond these are not defined; of the lower sixteen a reader must know all. */
const KNOWN_FLAGS = 0x1_0003;

/**
 * Codes that are the server's trouble: internal, unreachable, timeouts, shutting down, not primary
 * (https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml). All others are the client's.
 */
const SERVER_CODES: ReadonlySet<number> = new Set([
  1, 6, 7, 8, 24, 50, 63, 64, 89, 91, 133, 189, 202, 262, 317, 384, 10107, 11600, 11602, 13435, 13436,
]);

export const mongodb: ProtocolParser = {
  protocol: 'mongodb',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new MongodbConnection(),
};

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  // No message is of 48 MB, so its length ends in a small byte; codes are below 2048 or 1.
  if (cursor.peek(3) > 2 || cursor.peek(14) > 0 || cursor.peek(15) > 0) return 'no';
  if (end - position < HEADER_BYTES) return cursor.cut ? 'no' : 'more';
  const length = little(bytes, position, 4);
  const code = little(bytes, position + 12, 4);
  if (length < HEADER_BYTES + 5 || length > MAX_MESSAGE || !OP_NAMES.has(code)) return 'no';
  if (end - position < 26) return cursor.cut ? 'no' : 'more';
  if (!bodyFits(bytes, position + HEADER_BYTES, code, length - HEADER_BYTES, end)) return 'no';
  const answers = code === Op.reply || little(bytes, position + 8, 4) !== 0 || context.fromClient === false;
  return answers ? 'response' : 'request';
}

/** Whether the body begins as its code asks for. */
function bodyFits(bytes: Uint8Array, at: number, code: number, length: number, end: number): boolean {
  const flags = little(bytes, at, 4);
  switch (code) {
    case Op.msg: {
      if ((flags & ~KNOWN_FLAGS) !== 0 || bytes[at + 4]! > 1) return false;
      const size = little(bytes, at + 5, 4);
      if (size < 5 || size > length - 5) return false;
      return bytes[at + 4] === 1 || documentBegins(bytes, at + 5, size, end);
    }
    case Op.reply:
      return flags < 16 && length >= 20 && little(bytes, at + 12, 4) < 1 << 20 && little(bytes, at + 16, 4) < 1 << 20;
    case Op.query: {
      let zero = at + 4;
      while (zero < end && bytes[zero] !== 0) zero += 1;
      return flags < 256 && zero > at + 6 && /^[\w.$-]+$/.test(decodeText(bytes, at + 4, zero));
    }
    case Op.compressed:
      return OP_NAMES.has(flags) && little(bytes, at + 4, 4) <= MAX_MESSAGE && bytes[at + 8]! <= 3;
    default:
      return false;
  }
}

function documentBegins(bytes: Uint8Array, at: number, size: number, end: number): boolean {
  const type = at + 4 < end ? bytes[at + 4]! : 0;
  const name = at + 5 < end ? bytes[at + 5]! : 0x61;
  return size === 5 ? type === 0 : type > 0 && type <= 19 && name >= 0x24 && name < 0x7f;
}

class MongodbConnection implements ConnectionParser {
  /** The id of a reply that others follow without being asked for. */
  private streaming = -1;

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (cursor.remaining < HEADER_BYTES) return 'more';
    const length = little(bytes, position, 4);
    const code = little(bytes, position + 12, 4);
    const method = OP_NAMES.get(code);
    if (length < HEADER_BYTES || length > MAX_MESSAGE || method === undefined) return 'invalid';
    if (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH)) return 'more';
    const end = Math.min(cursor.end, position + length);
    const body = position + HEADER_BYTES;
    if (!fromClient && !cursor.cut && cursor.remaining < Math.min(length, ENOUGH_OF_ERROR)) {
      if (tellsOfError(bytes, body, end, code)) return 'more';
    }
    const fields: MutableFields = { method };
    const flags = code === Op.msg ? little(bytes, body, 4) : 0;
    if (fromClient) {
      fields.requestId = little(bytes, position + 4, 4);
      readCommand(bytes, body, end, code, fields);
      const oneWay = UNANSWERED.has(code) || (flags & MORE_TO_COME) !== 0;
      return unit.whole(oneWay ? 'oneway' : 'request', fields, length);
    }
    fields.requestId = little(bytes, position + 8, 4);
    readResult(bytes, body, end, code, fields);
    const follows = fields.requestId === this.streaming;
    this.streaming = (flags & MORE_TO_COME) !== 0 ? little(bytes, position + 4, 4) : -1;
    return unit.whole(follows ? 'oneway' : 'response', fields, length);
  }
}

/** Where the first document of the body begins; −1 = there is none. */
function documentAt(bytes: Uint8Array, body: number, end: number, code: number): number {
  if (code === Op.reply) return little(bytes, body + 16, 4) > 0 ? body + 20 : -1;
  if (code === Op.query) {
    let zero = body + 4;
    while (zero < end && bytes[zero] !== 0) zero += 1;
    return zero + 9;
  }
  if (code !== Op.msg) return -1;
  // The command is the section of kind 0; those of kind 1 may stand before it.
  let at = body + 4;
  while (at < end && bytes[at] === 1) at += 1 + Math.max(little(bytes, at + 1, 4), 4);
  return at < end && bytes[at] === 0 ? at + 1 : -1;
}

/** The first element names the command, and often its value the collection. */
function readCommand(bytes: Uint8Array, body: number, end: number, code: number, fields: MutableFields): void {
  fields.endpoint = fields.method!;
  const at = documentAt(bytes, body, end, code);
  if (code === Op.query) {
    const collection = decodeText(bytes, body + 4, Math.min(at - 9, end));
    const dot = collection.indexOf('.');
    if (dot > 0) fields.domain = collection.slice(0, dot);
    fields.endpoint = collection.endsWith('.$cmd') ? fields.endpoint : `query ${collection.slice(dot + 1)}`;
  }
  if (at < 0 || at + 4 >= end) return;
  fields.resource = render(bytes, at, end, MAX_RESOURCE);
  let first = true;
  for (const element of elements(bytes, at, end)) {
    const value = element.type === BsonType.string ? scalar(bytes, element) : undefined;
    if (first && fields.endpoint === fields.method) {
      fields.endpoint = typeof value === 'string' && value !== '' ? `${element.name} ${value}` : element.name;
    }
    first = false;
    if (element.name === '$db' && typeof value === 'string') fields.domain = value;
  }
}

/** Whether a reply of which only the beginning is there has begun to tell of an error. */
function tellsOfError(bytes: Uint8Array, body: number, end: number, code: number): boolean {
  const at = code === Op.compressed ? -1 : documentAt(bytes, body, end, code);
  if (at < 0) return false;
  for (const element of elements(bytes, at, end)) {
    const { name } = element;
    if (name === 'errmsg' || name === '$err' || name === 'writeErrors' || name === 'writeConcernError') return true;
    if (name === 'ok' && scalar(bytes, element) === 0) return true;
  }
  return false;
}

/** `ok: 0` with code and text, or the first of `writeErrors`, or `writeConcernError`. */
function readResult(bytes: Uint8Array, body: number, end: number, code: number, fields: MutableFields): void {
  if (code === Op.compressed) {
    fields.status = 'unknown';
    return;
  }
  fields.status = 'ok';
  fields.statusCode = 0;
  const at = documentAt(bytes, body, end, code);
  if (at < 0) return;
  let failed = false;
  let errorCode = 0;
  let text: string | undefined;
  const readDetails = ({ type, start, end: stop }: Element): void => {
    if (type !== BsonType.document) return;
    failed = true;
    for (const detail of elements(bytes, start, stop)) {
      if (detail.name === 'code') errorCode = Number(scalar(bytes, detail) ?? 0);
      else if (detail.name === 'errmsg') text = String(scalar(bytes, detail) ?? '');
    }
  };
  for (const element of elements(bytes, at, end)) {
    const { name, type, start } = element;
    if (name === 'ok') failed ||= scalar(bytes, element) === 0;
    else if (name === '$err') failed = true;
    else if (name === 'code') errorCode = Number(scalar(bytes, element) ?? 0);
    else if (!failed && name === 'writeConcernError') readDetails(element);
    else if (!failed && name === 'writeErrors' && type === BsonType.array) {
      for (const entry of elements(bytes, start, element.end)) {
        readDetails(entry);
        break;
      }
    }
    if (name === 'errmsg' || name === '$err') text = String(scalar(bytes, element) ?? '');
  }
  if (!failed) return;
  fields.statusCode = errorCode;
  fields.status = SERVER_CODES.has(errorCode) ? 'server_error' : 'client_error';
  fields.exception = text ?? `error ${errorCode}`;
}
