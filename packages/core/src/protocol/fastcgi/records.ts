import { pathEndpoint } from '../path-endpoint';
import type { MutableFields } from '../protocol-parser';
import { readNamedHeader } from '../trace-context';

/** Types of records: FastCGI specification, section 8. */
export const RecordType = {
  begin: 1,
  abort: 2,
  end: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;
export const LAST_RECORD_TYPE = RecordType.unknownType;

/** Section 5.1. */
export const Role = { responder: 1, authorizer: 2, filter: 3 } as const;

/** Puts what a CGI variable says (RFC 3875, section 4.1) into the fields. Those that build upon others wait in `variables`. */
export function readVariable(name: string, value: string, variables: Map<string, string>, fields: MutableFields): void {
  if (name.startsWith('HTTP_')) {
    if (name === 'HTTP_HOST' && value !== '') fields.domain = value;
    else readNamedHeader(name.slice(5).replaceAll('_', '-'), value, fields);
    return;
  }
  if (KEPT.has(name) && value !== '') variables.set(name, value);
}

const KEPT: ReadonlySet<string> = new Set([
  'REQUEST_METHOD',
  'REQUEST_URI',
  'SCRIPT_NAME',
  'DOCUMENT_URI',
  'PATH_INFO',
  'QUERY_STRING',
  'SERVER_NAME',
]);

/** What was asked for, of the variables that have come so far. The endpoint is the script, as the web server found it. */
export function setRequest(variables: ReadonlyMap<string, string>, fields: MutableFields): void {
  const method = variables.get('REQUEST_METHOD');
  const script = variables.get('SCRIPT_NAME');
  const query = variables.get('QUERY_STRING');
  const path = script === undefined ? variables.get('PATH_INFO') : script + (variables.get('PATH_INFO') ?? '');
  const target =
    variables.get('REQUEST_URI') ?? (path !== undefined && query !== undefined ? `${path}?${query}` : path);
  const endpoint = variables.get('DOCUMENT_URI') ?? script ?? target;
  if (method !== undefined) fields.method = method;
  if (target !== undefined) fields.resource = target;
  if (endpoint !== undefined) fields.endpoint = pathEndpoint(endpoint);
  if (fields.domain === undefined && variables.has('SERVER_NAME')) fields.domain = variables.get('SERVER_NAME')!;
}

const STATUS = /^status:[ \t]*(\d{3})(?:[ \t]+(.*))?$/i;
const LOCATION = /^location:[ \t]*[a-z][a-z0-9+.-]*:/i;
const REDIRECT = 302;

/** Lines of a CGI response's head (RFC 3875, section 6.3): without a Status it is 200, or 302 where another address is named. */
export function readHead(head: string, fields: MutableFields): void {
  fields.statusCode = 200;
  for (const line of head.split(/\r?\n/)) {
    const status = STATUS.exec(line);
    if (status !== null) {
      fields.statusCode = Number(status[1]);
      if (fields.statusCode >= 400) fields.exception = status[2] ?? status[1]!;
      break;
    }
    if (LOCATION.test(line)) fields.statusCode = REDIRECT;
  }
  const code = fields.statusCode;
  fields.status = code < 400 ? 'ok' : code < 500 ? 'client_error' : 'server_error';
}
