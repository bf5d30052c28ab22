import { MAX_QUEUE_NAMES, type QueueMessageName } from '../../message/message';
import type { MutableFields } from '../protocol-parser';
import { addQueueNames } from '../queue-names';
import { readTraceHeader, TRACE_HEADERS } from '../trace-context';
import { type Api, errorName, isClientError } from './apis';
import type { BodyReader } from './body-reader';

/** Topics carry their id instead of their name from these versions on. */
const PRODUCE_TOPIC_IDS_FROM = 13;
const FETCH_TOPIC_IDS_FROM = 13;
const MAX_TOPICS = 16;
const MAX_PARTITIONS = 256;
const MAX_ABORTED = 4096;
const MAX_RECORD_HEADERS = 64;
const COMPRESSION = 7;
const MAGIC_WITH_HEADERS = 2;
/** Of a batch, from its epoch to its checksum. */
const BATCH_HEAD = 9;

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
  const oneWay = acks === 0 && !body.cursor.overrun;
  let isFirst = true;
  forEachPartition(body, version >= PRODUCE_TOPIC_IDS_FROM, (topic) => {
    const partition = body.i32();
    if (isFirst) setPartition(fields, topic, partition);
    const length = body.bytesLength();
    const start = body.cursor.position;
    addQueueNames(fields, 'publish', readBatchNames(body, start + Math.max(length, 0), undefined));
    if (isFirst && length > 0) {
      body.cursor.position = start;
      readRecordHeaders(body, fields);
    }
    body.cursor.position = start;
    body.cursor.skip(Math.max(length, 0));
    isFirst = false;
  });
  return oneWay;
}

/** topics: name · partitions: `read` · [tags] · [tags] */
function forEachPartition(body: BodyReader, byId: boolean, read: (topic: string | undefined) => void): void {
  const topics = Math.min(body.count(), MAX_TOPICS);
  for (let i = 0; i < topics && !body.cursor.overrun; i += 1) {
    const topic = readTopic(body, byId);
    const partitions = Math.min(body.count(), MAX_PARTITIONS);
    for (let j = 0; j < partitions && !body.cursor.overrun; j += 1) {
      read(topic);
      body.tags();
    }
    body.tags();
  }
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
    readProduced(version, body, fields);
    return;
  } else if (api.response === 'fetch') {
    if (version >= 1) body.i32();
    if (version >= 7) code = body.i16();
    if (cursor.overrun) return;
    setCode(fields, code);
    readFetched(version, body, fields);
    return;
  } else if (api.errorAfterThrottleFrom === undefined || (api.name === 'FindCoordinator' && version >= 4)) {
    // The codes are within lists: not read.
    return;
  } else {
    if (version >= api.errorAfterThrottleFrom) body.i32();
    code = body.i16();
  }
  if (cursor.overrun) return;
  setCode(fields, code);
}

function setCode(fields: MutableFields, code: number): void {
  fields.statusCode = code;
  fields.status = code === 0 ? 'ok' : isClientError(code) ? 'client_error' : 'server_error';
  if (code !== 0) fields.exception = errorName(code);
}

/**
 * index (4) · error (2) · offset (8) · [append time (8), 2] · [start (8), 5] · [errors, message, 8]: the first
 * partition's error.
 */
function readProduced(version: number, body: BodyReader, fields: MutableFields): void {
  const { cursor } = body;
  let isFirst = true;
  forEachPartition(body, version >= PRODUCE_TOPIC_IDS_FROM, (topic) => {
    const partition = body.i32();
    const error = body.i16();
    const offset = body.i64();
    if (isFirst) setPartition(fields, topic, partition, offset);
    if (isFirst && !cursor.overrun) setCode(fields, error);
    isFirst = false;
    if (error === 0 && !cursor.overrun) addQueueNames(fields, 'publish', [positionName(topic, partition, offset)]);
    cursor.skip((version >= 2 ? 8 : 0) + (version >= 5 ? 8 : 0));
    if (version >= 8) skipRecordErrors(body);
  });
}

/** errors: index (4) · message · [tags]; then a message for all */
function skipRecordErrors(body: BodyReader): void {
  const errors = Math.min(body.count(), MAX_PARTITIONS);
  for (let i = 0; i < errors && !body.cursor.overrun; i += 1) {
    body.i32();
    body.string();
    body.tags();
  }
  body.string();
}

/**
 * [session (4), 7] · topics: partitions: index (4) · error (2) · high watermark (8) · [stable (8), 4] · [start (8), 5] ·
 * [aborted: producer (8) first (8), 4] · [replica (4), 11] · records
 */
function readFetched(version: number, body: BodyReader, fields: MutableFields): void {
  const { cursor } = body;
  if (version >= 7) cursor.skip(4);
  forEachPartition(body, version >= FETCH_TOPIC_IDS_FROM, (topic) => {
    const partition = body.i32();
    cursor.skip(10 + (version >= 4 ? 8 : 0) + (version >= 5 ? 8 : 0));
    const aborted = version >= 4 ? Math.min(body.count(), MAX_ABORTED) : 0;
    for (let i = 0; i < aborted && !cursor.overrun; i += 1) {
      cursor.skip(16);
      body.tags();
    }
    if (version >= 11) cursor.skip(4);
    const length = Math.max(body.bytesLength(), 0);
    const start = cursor.position;
    addQueueNames(fields, 'fetch', readBatchNames(body, start + length, { topic, partition }));
    cursor.position = start;
    cursor.skip(length);
  });
}

/** A batch keeps the offset that its append was answered with, whoever reads it. */
function positionName(topic: string | undefined, partition: number, offset: number): QueueMessageName | undefined {
  if (!topic || offset < 0) return undefined;
  return { basis: 'position', value: `kafka ${topic}-${partition}@${offset}` };
}

/**
 * Names of the batches up to `stop`, which a broker stores and hands out as they came: offset (8) · length (4) · epoch
 * (4) · magic (1) · crc (4) …; the checksum covers all that follows it, the producer's times among it. `at`: where they
 * lie, as offsets count only in the log.
 */
function readBatchNames(
  body: BodyReader,
  stop: number,
  at: { readonly topic: string | undefined; readonly partition: number } | undefined,
): QueueMessageName[] {
  const { cursor } = body;
  const { overrun } = cursor;
  const names: QueueMessageName[] = [];
  while (cursor.position < stop && names.length < MAX_QUEUE_NAMES) {
    const offset = body.i64();
    const length = body.i32();
    body.i32();
    const magic = body.i8();
    const crc = cursor.u32();
    if (cursor.overrun || magic !== MAGIC_WITH_HEADERS || length < BATCH_HEAD) break;
    const position = at && positionName(at.topic, at.partition, offset);
    if (position !== undefined) names.push(position);
    names.push({ basis: 'content', value: `kafka batch ${crc.toString(16).padStart(8, '0')} ${length}` });
    cursor.skip(length - BATCH_HEAD);
  }
  // Records are often longer than what was captured; that says nothing of what else is to be read.
  cursor.overrun = overrun;
  return names;
}
