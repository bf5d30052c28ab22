import { Cursor } from '../../base/cursor';
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
import { type BoltHead, Command, emptyHead, FrameType, readBoltHead } from './bolt-head';
import { readCallHeader, readSofaResponse, setStatus } from './contents';

/**
 * SOFARPC over Bolt: https://github.com/sofastack/sofa-bolt (RpcProtocol.java and RpcProtocolV2.java, big endian)
 *
 *   frame of version 1 = 01 · type (1) · command (2) · 01 · request id (4) · codec (1) · timeout (4) or status (2)
 *                      · class length (2) · header length (2) · content length (4) · class · header · content
 *   frame of version 2 = 02 · 01 or 02 · type (1) · command (2) · 01 · request id (4) · codec (1) · switches (1) · as above
 *                      · [ CRC-32 (4), of 02 where switch 1 is on ]
 *   header             = *( length (4) name · length (4) value )                                 a length of −1 is null
 *
 * Types are response 0, request 1, one-way 2; commands heartbeat 0, request 1, response 2. Either side may ask.
 */
export const sofarpc: ProtocolParser = {
  protocol: 'sofarpc',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new SofarpcConnection(),
};

const MAX_CONTENT = 1 << 30;
/** No larger one tells anything by itself. */
const MAX_TELLING_CONTENT = 1 << 26;
const MAX_CLASS = 512;
/** Bytes that are waited for: names and trace context stand in the header, ahead of the content. */
const ENOUGH = 16_384;

const inferred = emptyHead();
const read = emptyHead();
const part = new Cursor();

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  if (cursor.peek() !== 1 && cursor.peek() !== 2) return 'no';
  const more: Inference = cursor.cut ? 'no' : 'more';
  const result = readBoltHead(cursor, inferred);
  if (result !== 'head') return result === 'more' && beginsWell(bytes, position, end) ? more : 'no';
  const { type, command, classLength, headerLength, contentLength } = inferred;
  if (command === Command.heartbeat) {
    // Nothing but its head.
    if (classLength + headerLength + contentLength > 0) return 'no';
    return sideOf(context, type !== FrameType.response);
  }
  if (classLength === 0 || classLength > MAX_CLASS || contentLength > MAX_TELLING_CONTENT) return 'no';
  const from = cursor.position;
  if (end - from < classLength && !cursor.cut) return 'more';
  if (end - from < 4) return 'no';
  for (let at = from; at < Math.min(end, from + classLength); at += 1) if (!isNameByte(bytes[at]!)) return 'no';
  return sideOf(context, type !== FrameType.response);
}

/** The bytes of a head that is not whole yet: those that can hardly be others. */
function beginsWell(bytes: Uint8Array, position: number, end: number): boolean {
  const from = position + (bytes[position] === 2 ? 2 : 1);
  if (from > position + 1 && position + 1 < end && bytes[position + 1]! > 2) return false;
  const at = (offset: number): number => (from + offset < end ? bytes[from + offset]! : 0);
  return at(0) <= 2 && at(1) === 0 && at(2) <= 2 && (from + 3 >= end || at(3) === 1);
}

/** Names of Java classes: `com.a.B$C`, `[Ljava.lang.Object;`. */
function isNameByte(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

class SofarpcConnection implements ConnectionParser {
  private readonly calls = new CallMemory();

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    const available = cursor.remaining;
    const result = readBoltHead(cursor, read);
    if (result !== 'head') return result;
    if (read.contentLength > MAX_CONTENT) return 'invalid';
    if (!cursor.cut && available < Math.min(read.length, ENOUGH)) return 'more';
    cursor.end = Math.min(cursor.end, start + Math.min(read.length, ENOUGH));
    const fields: MutableFields = { requestId: read.requestId, version: `${read.version}` };
    if (read.command === Command.heartbeat) {
      fields.method = 'HEARTBEAT';
      fields.endpoint = 'HEARTBEAT';
      fields.heartbeat = true;
    }
    const headerAt = cursor.position + read.classLength;
    const contentAt = headerAt + read.headerLength;
    const header = part.reset(cursor.bytes, headerAt, Math.min(cursor.end, contentAt), true);
    if (read.type !== FrameType.response) {
      readCallHeader(header, fields);
      return this.calls.call(fields, fromClient, read.type === FrameType.oneWay, unit, read.length);
    }
    setStatus(header, read.status, fields);
    if (fields.status === 'ok') readContent(cursor, contentAt, read, fields);
    return this.calls.answer(fields, fromClient, unit, read.length);
  }
}

function readContent(cursor: Cursor, from: number, head: BoltHead, fields: MutableFields): void {
  readSofaResponse(part.reset(cursor.bytes, from, Math.min(cursor.end, from + head.contentLength), true), fields);
}
