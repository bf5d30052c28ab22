import type { MutableFields } from '../protocol-parser';
import { readTraceHeader, TRACE_HEADERS } from '../trace-context';
import { type Api, errorName, isClientError } from './apis';
import type { BodyReader } from './body-reader';

/** Topics carry their id instead of their name from these versions on. */
const PRODUCE_TOPIC_IDS_FROM = 13;
const FETCH_TOPIC_IDS_FROM = 13;
const MAX_TOPICS = 16;
const MAX_RECORD_HEADERS = 64;
const COMPRESSION = 7;
const MAGIC_WITH_HEADERS = 2;

/** What a request is about; says whether it asks for no answer. */
export function readRequest(api: Api, version: number, body: BodyReader, fields: MutableFields): boolean {
  switch (api.request) {
    case 'produce':
      return readProduce(version, body, fields);
    case 'fetch':
      readFetch(version, body, fields);
      break;
    case 'topics':
      readTopics(version, body, fields);
      break;
    case 'group':
    case 'name': {
      // OffsetFetch and FindCoordinator hold lists in their later versions.
      if (api.name === 'OffsetFetch' && version >= 8) break;
      if (api.name === 'FindCoordinator' && version >= 4) break;
      const name = body.string();
      if (name !== undefined && name !== '') fields.resource = name;
    }
  }
  return false;
}

/** [transactional id, from 3] · acks (2) · timeout (4) · topics: name · partitions: index (4) · records */
function readProduce(version: number, body: BodyReader, fields: MutableFields): boolean {
  if (version >= 3) body.string();
  const acks = body.i16();
  body.i32();
  if (body.count() > 0) {
    const topic = readTopic(body, version >= PRODUCE_TOPIC_IDS_FROM);
    if (body.count() > 0) {
      setPartition(fields, topic, body.i32());
      if (body.bytesLength() > 0) readRecordHeaders(body, fields);
    }
  }
  return acks === 0;
}

/** replica (4, up to 14) · wait (4) · least (4) · [most (4), 3] · [isolation (1), 4] · [session (8), 7] · topics … */
function readFetch(version: number, body: BodyReader, fields: MutableFields): void {
  const { cursor } = body;
  cursor.skip((version <= 14 ? 4 : 0) + 8 + (version >= 3 ? 4 : 0) + (version >= 4 ? 1 : 0) + (version >= 7 ? 8 : 0));
  if (body.count() <= 0) return;
  const topic = readTopic(body, version >= FETCH_TOPIC_IDS_FROM);
  if (body.count() <= 0) return;
  const partition = body.i32();
  if (version >= 9) body.i32();
  setPartition(fields, topic, partition, body.i64());
}

function readTopics(version: number, body: BodyReader, fields: MutableFields): void {
  const count = Math.min(body.count(), MAX_TOPICS);
  const names: string[] = [];
  for (let i = 0; i < count && !body.cursor.overrun; i += 1) {
    if (version >= 10) body.cursor.skip(16);
    const name = body.string();
    if (name !== undefined && name !== '') names.push(name);
    body.tags();
  }
  if (names.length > 0) fields.resource = names.join(', ');
}

function readTopic(body: BodyReader, byId: boolean): string | undefined {
  if (!byId) return body.string();
  const { cursor } = body;
  const id = cursor.bytes.subarray(cursor.position, cursor.position + 16);
  cursor.skip(16);
  return Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function setPartition(fields: MutableFields, topic: string | undefined, partition: number, offset?: number): void {
  if (topic === undefined || topic === '') return;
  fields.endpoint = `${topic}-${partition}`;
  fields.resource = offset === undefined ? fields.endpoint : `${fields.endpoint}:${offset}`;
}

/**
 * Headers of the first record of a batch (https://kafka.apache.org/documentation/#recordbatch), unless it is compressed:
 * offset (8) · length (4) · epoch (4) · magic (1) · crc (4) · attributes (2) · … (34) · count (4) · records.
 */
function readRecordHeaders(body: BodyReader, fields: MutableFields): void {
  const { cursor } = body;
  cursor.skip(16);
  if (body.i8() !== MAGIC_WITH_HEADERS) return;
  cursor.skip(4);
  if ((body.i16() & COMPRESSION) !== 0) return;
  cursor.skip(34);
  if (body.i32() < 1) return;
  body.zigzag();
  body.i8();
  body.zigzag();
  body.zigzag();
  for (let i = 0; i < 2; i += 1) {
    const length = body.zigzag();
    if (length > 0) cursor.skip(length);
  }
  const count = Math.min(body.zigzag(), MAX_RECORD_HEADERS);
  for (let i = 0; i < count && !cursor.overrun; i += 1) {
    const name = body.text(body.zigzag()).toLowerCase();
    const length = body.zigzag();
    const value = length > 0 ? body.text(length) : '';
    const header = TRACE_HEADERS.find((known) => known === name);
    if (header !== undefined) readTraceHeader(header, value, fields);
  }
}

/** How a request went: the error code that stands first, or that of the first partition. */
export function readResponse(api: Api, version: number, body: BodyReader, fields: MutableFields): void {
  const { cursor } = body;
  let code = 0;
  if (api.response === 'produce') {
    if (body.count() <= 0) return;
    const topic = readTopic(body, version >= PRODUCE_TOPIC_IDS_FROM);
    if (body.count() <= 0) return;
    const partition = body.i32();
    code = body.i16();
    setPartition(fields, topic, partition, body.i64());
  } else if (api.response === 'fetch') {
    if (version >= 1) body.i32();
    if (version >= 7) code = body.i16();
  } else if (api.errorAfterThrottleFrom === undefined || (api.name === 'FindCoordinator' && version >= 4)) {
    // The codes are within lists: not read.
    return;
  } else {
    if (version >= api.errorAfterThrottleFrom) body.i32();
    code = body.i16();
  }
  if (cursor.overrun) return;
  fields.statusCode = code;
  fields.status = code === 0 ? 'ok' : isClientError(code) ? 'client_error' : 'server_error';
  if (code !== 0) fields.exception = errorName(code);
}
