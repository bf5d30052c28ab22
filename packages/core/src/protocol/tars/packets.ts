import type { MutableFields } from '../protocol-parser';
import { readNamedHeader } from '../trace-context';
import type { JceReader } from './jce';

export const Packet = { none: 0, request: 1, oneWay: 2, response: 3 } as const;
export type Packet = (typeof Packet)[keyof typeof Packet];

const ONE_WAY = 1;
const PING = 'tars_ping';
/** Trace of Tars itself (servant/ServantProxy.h): `trace|span|parent`, where a server's own call has `trace|parent`. */
const TRACE_KEY = 'STATUS_TRACE_KEY';
const RESULT_CODE = 'STATUS_RESULT_CODE';
const RESULT_TEXT = 'STATUS_RESULT_DESC';

/** Results of the framework (BaseF.tars); others are the application's own. */
const RESULTS: ReadonlyMap<number, string> = new Map([
  [-1, 'TARSSERVERDECODEERR'],
  [-2, 'TARSSERVERENCODEERR'],
  [-3, 'TARSSERVERNOFUNCERR'],
  [-4, 'TARSSERVERNOSERVANTERR'],
  [-5, 'TARSSERVERRESETGRID'],
  [-6, 'TARSSERVERQUEUETIMEOUT'],
  [-7, 'TARSASYNCCALLTIMEOUT'],
  [-8, 'TARSPROXYCONNECTERR'],
  [-9, 'TARSSERVEROVERLOAD'],
  [-10, 'TARSADAPTERNULL'],
  [-11, 'TARSINVOKEBYINVALIDESET'],
  [-12, 'TARSCLIENTDECODEERR'],
  [-13, 'TARSSENDREQUESTERR'],
  [-99, 'TARSSERVERUNKNOWNERR'],
]);
const CLIENT_RESULTS: ReadonlySet<number> = new Set([-10, -11, -12, -13]);

/** Reads the packet's fields in order. A text of tag 5 makes it a request; `answers` = it is an answer all the same. */
export function readPacket(reader: JceReader, answers: boolean, fields: MutableFields): Packet {
  const { cursor } = reader;
  const numbers = [0, 0, 0, 0, 0, 0];
  let isRequest = false;
  let known = 0;
  while (reader.next()) {
    const { tag } = reader;
    if (tag >= 1 && tag <= 5 && reader.isInt) numbers[tag] = reader.int();
    else if (tag === 5 && reader.isText) {
      isRequest = true;
      fields.resource = reader.text();
    } else if (tag === 6 && isRequest && reader.isText) fields.method = reader.text();
    else if (tag === 6 && !isRequest && reader.isBytes) reader.skip();
    else if (tag <= 6) return Packet.none;
    else if (tag === 8 && !isRequest && reader.isText) fields.exception = reader.text();
    else if (reader.isMap) reader.pairs((name, value) => readEntry(name, value, fields));
    else reader.skip();
    if (cursor.overrun && tag < 6) return Packet.none;
    known = Math.max(known, tag);
  }
  // Every packet has its bytes; where it is cut before them, it is known by what comes before.
  if (known < 5 || (isRequest && fields.resource === '')) return Packet.none;
  return isRequest ? request(numbers, answers, fields) : response(numbers[3]!, numbers[5]!, fields);
}

function request(numbers: readonly number[], answers: boolean, fields: MutableFields): Packet {
  const servant = fields.resource!;
  fields.requestId = numbers[4]!;
  fields.domain = servant;
  fields.endpoint = fields.method === undefined ? servant : `${servant}/${fields.method}`;
  if (fields.method === PING) fields.heartbeat = true;
  if (!answers) {
    delete fields.statusCode;
    delete fields.exception;
    return numbers[2] === ONE_WAY ? Packet.oneWay : Packet.request;
  }
  setResult(Number(fields.statusCode ?? 0), fields);
  return Packet.response;
}

function response(id: number, result: number, fields: MutableFields): Packet {
  fields.requestId = id;
  setResult(result, fields);
  return Packet.response;
}

function setResult(result: number, fields: MutableFields): void {
  const text = fields.exception;
  delete fields.exception;
  fields.statusCode = result;
  fields.status = result === 0 ? 'ok' : CLIENT_RESULTS.has(result) ? 'client_error' : 'server_error';
  if (result !== 0)
    fields.exception = text !== undefined && text !== '' ? text : (RESULTS.get(result) ?? `result ${result}`);
}

function readEntry(name: string, value: string, fields: MutableFields): void {
  if (name === RESULT_CODE) fields.statusCode = Number(value) || 0;
  else if (name === RESULT_TEXT) fields.exception = value;
  else if (name === TRACE_KEY) {
    const parts = value.split('|');
    const [trace, span, parent] = parts.length === 2 ? [parts[0], undefined, parts[1]] : parts;
    if (trace !== undefined && trace !== '') fields.traceIds = [trace];
    if (span !== undefined && span !== '') fields.spanId = span;
    if (parent !== undefined && parent !== '') fields.parentSpanId = parent;
  } else readNamedHeader(name, value, fields);
}
