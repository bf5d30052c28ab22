import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { HessianReader } from '../hessian2';
import type { MutableFields } from '../protocol-parser';
import { readNamedHeader } from '../trace-context';

/** Names in the header of a call: com.alipay.sofa.rpc.common.RemotingConstants. */
const SERVICE = 'sofa_head_target_service';
const METHOD = 'sofa_head_method_name';
const TRACE_ID = 'rpc_trace_context.sofaTraceId';
const SPAN_ID = 'rpc_trace_context.sofaRpcId';
/** SOFATracer: `tcid=trace&spid=span&pspid=parent&sample=true&` */
const TRACE_CONTEXT = 'new_rpc_trace_context';
const RESPONSE_ERROR = 'sofa_head_response_error';

/** com.alipay.remoting.ResponseStatus */
const STATUSES: ReadonlyMap<number, string> = new Map([
  [0, 'SUCCESS'],
  [1, 'ERROR'],
  [2, 'SERVER_EXCEPTION'],
  [3, 'UNKNOWN'],
  [4, 'SERVER_THREADPOOL_BUSY'],
  [5, 'ERROR_COMM'],
  [6, 'NO_PROCESSOR'],
  [7, 'TIMEOUT'],
  [8, 'CLIENT_SEND_ERROR'],
  [9, 'CODEC_EXCEPTION'],
  [16, 'CONNECTION_CLOSED'],
  [17, 'SERVER_SERIAL_EXCEPTION'],
  [18, 'SERVER_DESERIAL_EXCEPTION'],
]);
const CLIENT_SEND_ERROR = 8;

function readHeader(header: Cursor, take: (name: string, value: string) => void): void {
  while (header.remaining > 0) {
    const name = readText(header);
    const value = readText(header);
    if (header.overrun) return;
    if (name !== undefined && value !== undefined) take(name, value);
  }
}

function readText(header: Cursor): string | undefined {
  const length = header.i32();
  if (length < 0) return undefined;
  const start = header.position;
  header.skip(length);
  return header.overrun ? undefined : decodeText(header.bytes, start, start + length);
}

export function readCallHeader(header: Cursor, fields: MutableFields): void {
  let context: string | undefined;
  readHeader(header, (name, value) => {
    if (value === '') return;
    switch (name) {
      case SERVICE:
        fields.resource = value;
        fields.domain = value;
        return;
      case METHOD:
        fields.method = value;
        return;
      case TRACE_ID:
        fields.traceIds = [value];
        return;
      case SPAN_ID:
        fields.spanId = value;
        return;
      case TRACE_CONTEXT:
        context = value;
        return;
      default:
        readNamedHeader(name, value, fields);
    }
  });
  if (context !== undefined) readTraceContext(context, fields);
  const parts = [fields.resource, fields.method].filter((each) => each !== undefined);
  if (parts.length > 0) fields.endpoint = parts.join('/');
}

function readTraceContext(context: string, fields: MutableFields): void {
  for (const pair of context.split('&')) {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1);
    if (equals < 0 || value === '') continue;
    const name = pair.slice(0, equals);
    if (name === 'tcid') fields.traceIds = [value];
    else if (name === 'spid') fields.spanId = value;
    else if (name === 'pspid') fields.parentSpanId = value;
  }
}

export function setStatus(header: Cursor, status: number, fields: MutableFields): void {
  fields.statusCode = status;
  fields.status = status === 0 ? 'ok' : status === CLIENT_SEND_ERROR ? 'client_error' : 'server_error';
  if (status !== 0) fields.exception = STATUSES.get(status) ?? `status ${status}`;
  readHeader(header, (name, value) => {
    if (name !== RESPONSE_ERROR || value !== 'true' || status !== 0) return;
    fields.status = 'server_error';
    fields.exception = 'response error';
  });
}

/**
 * A SofaResponse as SOFA's Hessian writes it, an early form of Hessian 2: `O` defines a class, `o` begins an object of it.
 *
 *   definition = 'O' · int length · name · int count · *string           object = 'o' · int index of the class · values
 *   SofaResponse = isError ('T' or 'F') · errorMsg (string or null) · appResponse · responseProps
 *
 * Told to be an error, or what was called threw: then the answer itself is an object of a Java exception.
 */
export function readSofaResponse(content: Cursor, fields: MutableFields): void {
  const hessian = new HessianReader(content);
  const response = readDefinition(hessian);
  if (response === undefined || !response.name.endsWith('SofaResponse')) return;
  if (response.fields[0] !== 'isError' || response.fields[1] !== 'errorMsg') return;
  const isError = content.u8() === TRUE;
  const text = hessian.string();
  if (content.overrun) return;
  if (isError) {
    fields.status = 'server_error';
    fields.exception = text !== undefined && text !== '' ? text : 'response error';
    return;
  }
  const answer = readDefinition(hessian);
  if (answer === undefined || !/(?:Exception|Error)$/.test(answer.name)) return;
  fields.status = 'server_error';
  fields.exception = answer.name;
  const message = answer.fields[0] === 'detailMessage' ? hessian.string() : undefined;
  if (message !== undefined && message !== '' && !content.overrun) fields.exception = `${answer.name}: ${message}`;
}

const DEFINITION = 0x4f;
const OBJECT = 0x6f;
const TRUE = 0x54;
const MAX_FIELDS = 256;

/** A class and the beginning of an object of it; undefined where there is something else. */
function readDefinition(hessian: HessianReader): { name: string; fields: readonly string[] } | undefined {
  const { cursor } = hessian;
  if (cursor.u8() !== DEFINITION) return undefined;
  const length = hessian.int();
  const start = cursor.position;
  cursor.skip(length);
  const count = hessian.int();
  const fields: string[] = [];
  for (let i = 0; i < Math.min(count, MAX_FIELDS) && !cursor.overrun; i += 1) fields.push(hessian.string() ?? '');
  if (cursor.overrun || count > MAX_FIELDS) return undefined;
  const name = decodeText(cursor.bytes, start, start + length);
  if (cursor.u8() !== OBJECT) return undefined;
  hessian.int();
  return cursor.overrun ? undefined : { name, fields };
}
