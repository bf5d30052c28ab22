import type { Cursor } from '../../base/cursor';
import type { MessageStatus } from '../../message/message';
import { HessianReader } from '../hessian2';
import type { MutableFields } from '../protocol-parser';
import { readNamedHeader } from '../trace-context';

/**
 * Bodies of Dubbo 2, as DubboCodec writes them (https://github.com/apache/dubbo, DubboCodec.java), each part a value:
 *
 *   request  = Dubbo's version · path · service's version · method · types of the parameters, as the JVM writes them
 *            · arguments · attachments (map)
 *   response = kind: 0 exception, 1 value, 2 null, and 3 to 5 the same with attachments · [ exception or value ] · …
 *   response = error text                                          where the status is not OK
 */
const MAX_ARGUMENTS = 255;
const Kind = { exception: 0, exceptionWithAttachments: 3 } as const;

const OK = 20;
/** org.apache.dubbo.remoting.exchange.Response */
const NAMES: ReadonlyMap<number, string> = new Map([
  [OK, 'OK'],
  [25, 'SERIALIZATION_ERROR'],
  [30, 'CLIENT_TIMEOUT'],
  [31, 'SERVER_TIMEOUT'],
  [35, 'CHANNEL_INACTIVE'],
  [40, 'BAD_REQUEST'],
  [50, 'BAD_RESPONSE'],
  [60, 'SERVICE_NOT_FOUND'],
  [70, 'SERVICE_ERROR'],
  [80, 'SERVER_ERROR'],
  [90, 'CLIENT_ERROR'],
  [100, 'SERVER_THREADPOOL_EXHAUSTED_ERROR'],
]);
const CLIENT_STATUSES: ReadonlySet<number> = new Set([30, 40, 90]);

export const Status = {
  names: NAMES,
  classOf: (status: number): MessageStatus =>
    status === OK ? 'ok' : CLIENT_STATUSES.has(status) ? 'client_error' : 'server_error',
} as const;

export function readRequest(body: Cursor, fields: MutableFields): void {
  const hessian = new HessianReader(body);
  const version = hessian.string();
  const service = hessian.string();
  if (version !== undefined && version !== '') fields.version = version;
  if (service !== undefined && service !== '') {
    fields.resource = service;
    fields.domain = service;
    fields.endpoint = service;
  }
  hessian.skip();
  const method = hessian.string();
  if (method === undefined || method === '') return;
  fields.method = method;
  fields.endpoint = service === undefined ? method : `${service}/${method}`;
  const types = hessian.string();
  if (types === undefined || body.overrun) return;
  for (let left = parameterCount(types); left > 0 && !body.overrun; left -= 1) hessian.skip();
  if (body.overrun) return;
  hessian.members((name) => {
    const value = hessian.string();
    if (value !== undefined && !body.overrun) readNamedHeader(name, value, fields);
    return true;
  });
}

/** `Ljava/lang/String;[I` are two: arrays are prefixed, classes end with a semicolon, all others are one letter. */
function parameterCount(types: string): number {
  let count = 0;
  for (let at = 0; at < types.length && count < MAX_ARGUMENTS; at += 1) {
    if (types[at] === '[') continue;
    if (types[at] === 'L') {
      const end = types.indexOf(';', at);
      if (end < 0) break;
      at = end;
    }
    count += 1;
  }
  return count;
}

export function readResponse(body: Cursor, status: number, readable: boolean, fields: MutableFields): void {
  const hessian = new HessianReader(body);
  if (status !== OK) {
    fields.exception = NAMES.get(status) ?? `status ${status}`;
    const text = readable ? hessian.string() : undefined;
    if (text !== undefined && text !== '' && !body.overrun) fields.exception = text;
    return;
  }
  if (!readable) return;
  const kind = hessian.int();
  if (body.overrun || (kind !== Kind.exception && kind !== Kind.exceptionWithAttachments)) return;
  // The call came through; what it called threw.
  fields.status = 'server_error';
  fields.exception = 'exception';
  let name = '';
  let text: string | undefined;
  hessian.members((field, className) => {
    name = className;
    if (field !== 'detailMessage') return false;
    text = hessian.string();
    return true;
  });
  if (name !== '') fields.exception = text === undefined || text === '' ? name : `${name}: ${text}`;
}
