import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type { ConnectionParser, MutableFields, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { infer } from './infer';
import { readVariables } from './name-value-pairs';
import { LAST_RECORD_TYPE, RecordType, Role, readHead, readVariable, setRequest } from './records';

/**
 * FastCGI 1.0: https://fastcgi-archives.github.io/FastCGI_Specification.html (big endian)
 *
 *   record   = version (1): 1 · type (1) · request id (2) · content length (2) · padding length (1) · 0 · content · padding
 *   request  = BEGIN · PARAMS … · PARAMS, empty · STDIN … · STDIN, empty            a filter's goes on with DATA
 *   response = ( STDOUT / STDERR ) … · END
 *   BEGIN    = role (2) · flags (1) · 0 (5)
 *   END      = application status (4) · protocol status (1) · 0 (3)
 *   PARAMS   = *( name length · value length · name · value )     a length takes 1 byte, or 4 with the highest bit set
 *
 * Streams are cut into records anywhere; records of several requests may be mixed. Request id 0 is for the connection's
 * own matters.
 */
export const fastcgi: ProtocolParser = {
  protocol: 'fastcgi',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new FastcgiConnection(),
};

const HEAD = 8;
const FIXED_BODY = 8;
/** Bytes of a record's content that are waited for, and read. */
const ENOUGH = 16_384;
const MAX_HEAD = 8192;
const MAX_STDERR = 1024;
/** Requests under way whose variables or answers are kept; the oldest beyond are not read on. */
const MAX_EXCHANGES = 1024;
const FROM_CLIENT: ReadonlySet<number> = new Set([
  RecordType.begin,
  RecordType.abort,
  RecordType.params,
  RecordType.stdin,
  RecordType.data,
  RecordType.getValues,
]);
/** Protocol status of END: section 5.5. All but the first mean that the request was refused. */
const REFUSALS = ['', 'FCGI_CANT_MPX_CONN', 'FCGI_OVERLOADED', 'FCGI_UNKNOWN_ROLE'];

interface Request {
  readonly fields: MutableFields;
  readonly role: number;
  readonly variables: Map<string, string>;
  /** Beginning of a pair that goes on in the next record; undefined = what follows cannot be read. */
  rest: Uint8Array | undefined;
}

interface Response {
  readonly fields: MutableFields;
  /** Undefined once it is read. */
  head: string | undefined;
  errors: string;
}

class FastcgiConnection implements ConnectionParser {
  private readonly requests = new Map<number, Request>();
  private readonly responses = new Map<number, Response>();

  resume(fromClient: boolean): void {
    (fromClient ? this.requests : this.responses).clear();
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    if (cursor.remaining < HEAD) return 'more';
    const version = cursor.u8();
    const type = cursor.u8();
    const id = cursor.u16();
    const size = cursor.u16();
    const padding = cursor.u8();
    if (version !== 1 || type === 0 || type > LAST_RECORD_TYPE || FROM_CLIENT.has(type) !== fromClient)
      return 'invalid';
    const wanted = Math.min(size, ENOUGH);
    const from = start + HEAD;
    if (!cursor.cut && cursor.end - from < wanted) return 'more';
    const content = cursor.bytes.subarray(from, Math.min(cursor.end, from + wanted));
    unit.length = HEAD + size + padding;
    switch (type) {
      case RecordType.begin:
        return size === FIXED_BODY ? this.begin(id, content, unit) : 'invalid';
      case RecordType.getValues:
      case RecordType.getValuesResult: {
        const fields: MutableFields = { method: 'GET_VALUES', endpoint: 'GET_VALUES', requestId: id };
        if (!fromClient) fields.status = 'ok';
        return unit.whole(fromClient ? 'request' : 'response', fields, unit.length);
      }
      case RecordType.unknownType:
        return 'unit';
      case RecordType.stdout:
      case RecordType.stderr:
      case RecordType.end:
        return this.answer(type, id, content, size, unit);
      default:
        this.goOn(type, id, content, size, unit);
        return 'unit';
    }
  }

  private begin(id: number, content: Uint8Array, unit: Unit): Outcome {
    const fields: MutableFields = { requestId: id, version: '1' };
    makeRoom(this.requests);
    const role = content.length < 2 ? Role.responder : (content[0]! << 8) | content[1]!;
    this.requests.set(id, { fields, role, variables: new Map(), rest: new Uint8Array(0) });
    unit.begins = 'request';
    unit.fields = fields;
    unit.channel = id;
    return 'unit';
  }

  /** The streams of a request, each ended by an empty record. */
  private goOn(type: number, id: number, content: Uint8Array, size: number, unit: Unit): void {
    const request = this.requests.get(id);
    if (request === undefined) return;
    unit.channel = id;
    if (type === RecordType.params && size > 0) {
      if (request.rest === undefined) return;
      const { variables, fields } = request;
      const rest = readVariables(request.rest, content, (name, value) => readVariable(name, value, variables, fields));
      request.rest = content.length < size ? undefined : rest;
      setRequest(variables, fields);
      return;
    }
    const last =
      request.role === Role.authorizer
        ? RecordType.params
        : request.role === Role.filter
          ? RecordType.data
          : RecordType.stdin;
    if (type !== RecordType.abort && (type !== last || size > 0)) return;
    unit.ends = true;
    this.requests.delete(id);
  }

  private answer(type: number, id: number, content: Uint8Array, size: number, unit: Unit): Outcome {
    let response = this.responses.get(id);
    unit.channel = id;
    if (response === undefined) {
      response = { fields: { requestId: id, status: 'unknown' }, head: '', errors: '' };
      makeRoom(this.responses);
      this.responses.set(id, response);
      unit.begins = 'response';
      unit.fields = response.fields;
    }
    if (type === RecordType.stderr) {
      if (response.errors.length < MAX_STDERR) response.errors += decodeText(content, 0, content.length);
    } else if (type === RecordType.stdout) {
      readOutput(response, content, content.length < size);
    } else {
      unit.ends = true;
      this.responses.delete(id);
      finish(response, content);
    }
    return 'unit';
  }
}

function makeRoom(exchanges: Map<number, unknown>): void {
  if (exchanges.size < MAX_EXCHANGES) return;
  for (const oldest of exchanges.keys()) {
    exchanges.delete(oldest);
    return;
  }
}

/** The head ends with an empty line; where it is cut, its last line may be half a one. */
function readOutput(response: Response, content: Uint8Array, cut: boolean): void {
  if (response.head === undefined || content.length === 0) return;
  const head = response.head + decodeText(content, 0, Math.min(content.length, MAX_HEAD));
  const end = head.search(/\r?\n\r?\n/);
  response.head = head;
  if (end < 0 && !cut && head.length < MAX_HEAD) return;
  readHead(end < 0 ? head.slice(0, head.lastIndexOf('\n') + 1) : head.slice(0, end), response.fields);
  response.head = undefined;
}

function finish({ head, errors, fields }: Response, content: Uint8Array): void {
  if (head !== undefined && head !== '') readHead(head, fields);
  const refusal = content.length > 4 ? content[4]! : 0;
  const exit =
    content.length < 4 ? 0 : (content[0]! << 24) | (content[1]! << 16) | (content[2]! << 8) | content[3]! | 0;
  const failed = fields.status === 'client_error' || fields.status === 'server_error';
  if (refusal !== 0) {
    fields.status = 'server_error';
    fields.exception = REFUSALS[refusal] ?? `protocol status ${refusal}`;
  } else if (exit !== 0 && !failed) {
    fields.status = 'server_error';
    fields.exception = `exit status ${exit}`;
  }
  const text = errors.trim().slice(0, MAX_STDERR);
  if (text !== '' && fields.status !== 'ok') fields.exception = text;
}
