import type { Cursor } from '../../base/cursor';
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
import { DISCOVERY_MESSAGE, readDiscovery } from './service-discovery';

/**
 * SOME/IP: AUTOSAR PRS_SOMEIPProtocol, section 4.1.2 (https://www.autosar.org/standards/foundation, big endian)
 *
 *   message = service (2) · method (2) · length (4, of all that follows) · client (2) · session (2)
 *           · protocol version (1): 1 · interface version (1) · message type (1) · return code (1) · payload
 *   segment = the same, with 20 added to the message type · offset (28 bits) · 0 (3 bits) · more (1 bit) · payload's part
 *
 * A datagram may hold several messages. Methods of 8000 and above are events. Over TCP, magic cookies mark places where a
 * message starts. Client and session together are the request id; either side may ask.
 */
export const someip: ProtocolParser = {
  protocol: 'someip',
  transports: ['udp', 'tcp'],
  pairing: 'id',
  infer,
  open: () => new SomeipConnection(),
};

const HEAD = 16;
/** Service, method and length: what the length does not count. */
const UNCOUNTED = 8;
const PROTOCOL_VERSION = 1;
const MAX_LENGTH = 1 << 28;
/** No larger one tells anything by itself. */
const MAX_TELLING_LENGTH = 1 << 24;
const SEGMENT = 0x20;
const EVENT_BIT = 0x8000;
const COOKIES: ReadonlySet<number> = new Set([0xffff_0000, 0xffff_8000]);
/** Of a discovery: its first entry. */
const DISCOVERY_BYTES = 40;

const Type = { request: 0, requestNoReturn: 1, notification: 2, response: 0x80, error: 0x81 } as const;
const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [Type.request, 'REQUEST'],
  [Type.requestNoReturn, 'REQUEST_NO_RETURN'],
  [Type.notification, 'NOTIFICATION'],
  [Type.response, 'RESPONSE'],
  [Type.error, 'ERROR'],
]);
const RETURN_CODES = [
  'E_OK',
  'E_NOT_OK',
  'E_UNKNOWN_SERVICE',
  'E_UNKNOWN_METHOD',
  'E_NOT_READY',
  'E_NOT_REACHABLE',
  'E_TIMEOUT',
  'E_WRONG_PROTOCOL_VERSION',
  'E_WRONG_INTERFACE_VERSION',
  'E_MALFORMED_MESSAGE',
  'E_WRONG_MESSAGE_TYPE',
  'E_E2E_REPEATED',
  'E_E2E_WRONG_SEQUENCE',
  'E_E2E',
  'E_E2E_NOT_AVAILABLE',
  'E_E2E_NO_NEW_DATA',
];
/** Up to here codes are reserved for services and methods. */
const LAST_RETURN_CODE = 0x5e;
/** What was asked for was wrong. */
const CLIENT_CODES: ReadonlySet<number> = new Set([2, 3, 7, 8, 9, 10]);

interface Head {
  message: number;
  length: number;
  request: number;
  protocolVersion: number;
  interfaceVersion: number;
  type: number;
  isSegment: boolean;
  code: number;
}
const head: Head = {
  message: 0,
  length: 0,
  request: 0,
  protocolVersion: 0,
  interfaceVersion: 0,
  type: 0,
  isSegment: false,
  code: 0,
};

function readHead(cursor: Cursor): void {
  head.message = cursor.u32();
  head.length = cursor.u32();
  head.request = cursor.u32();
  head.protocolVersion = cursor.u8();
  head.interfaceVersion = cursor.u8();
  const type = cursor.u8();
  head.isSegment = (type & SEGMENT) !== 0;
  head.type = type & ~SEGMENT;
  head.code = cursor.u8();
}

function infer(cursor: Cursor, context: InferenceContext): Inference {
  if (cursor.peek(4) > 0 || cursor.peek(12) > PROTOCOL_VERSION || cursor.peek(15) > LAST_RETURN_CODE) return 'no';
  const available = cursor.remaining;
  const datagram = context.transport === 'udp';
  if (available < HEAD) return cursor.cut || datagram ? 'no' : 'more';
  readHead(cursor);
  const { message, length, type, code } = head;
  if (head.protocolVersion !== PROTOCOL_VERSION || !TYPE_NAMES.has(type)) return 'no';
  if (length < HEAD - UNCOUNTED || length > MAX_TELLING_LENGTH) return 'no';
  // A datagram holds whole messages; in a stream the next one decides.
  if (!cursor.cut && !fillsExactly(cursor, length + UNCOUNTED, available)) {
    return datagram || available >= length + UNCOUNTED + HEAD ? 'no' : 'more';
  }
  if (COOKIES.has(message)) return length === HEAD - UNCOUNTED ? sideOf(context, message === 0xffff_0000) : 'no';
  const isEvent = (message & EVENT_BIT) !== 0;
  const answers = type === Type.response || type === Type.error;
  if (message >>> 16 === 0 || isEvent !== (type === Type.notification)) return 'no';
  if (answers ? type === Type.error && code === 0 : code !== 0) return 'no';
  return sideOf(context, type === Type.request || type === Type.requestNoReturn);
}

/** Whether the first message ends where the bytes do, or where another's head follows. */
function fillsExactly(cursor: Cursor, size: number, available: number): boolean {
  if (size >= available) return size === available;
  return available - size >= HEAD && cursor.peek(size - HEAD + 12) === PROTOCOL_VERSION;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;

class SomeipConnection implements ConnectionParser {
  private readonly calls = new CallMemory();

  resume(): void {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    const available = cursor.remaining;
    if (available < HEAD) return 'more';
    readHead(cursor);
    const { message, type, code } = head;
    const name = TYPE_NAMES.get(type);
    if (head.length < HEAD - UNCOUNTED || head.length > MAX_LENGTH) return 'invalid';
    if (head.protocolVersion !== PROTOCOL_VERSION || name === undefined) return 'invalid';
    const length = UNCOUNTED + head.length;
    const wanted = message === DISCOVERY_MESSAGE ? Math.min(length, DISCOVERY_BYTES) : HEAD + (head.isSegment ? 4 : 0);
    if (!cursor.cut && available < wanted) return 'more';
    unit.length = length;
    if (COOKIES.has(message)) return 'unit';
    // The first segment stands for the message.
    if (head.isSegment && cursor.u32() >>> 4 !== 0) return 'unit';
    const service = hex(message >>> 16);
    const fields: MutableFields = {
      method: name,
      resource: `${service}/${hex(message & 0xffff)}`,
      domain: service,
      requestId: head.request,
      pairingKey: pairingKey(message, head.request),
      version: `${head.interfaceVersion}`,
    };
    fields.endpoint = fields.resource!;
    if (message === DISCOVERY_MESSAGE) {
      readDiscovery(cursor.bytes, start + HEAD, Math.min(cursor.end, start + length), fields);
    }
    if (type === Type.notification) {
      fields.status ??= 'ok';
      return this.calls.call(fields, fromClient, true, unit, length);
    }
    if (type === Type.request || type === Type.requestNoReturn) {
      return this.calls.call(fields, fromClient, type === Type.requestNoReturn, unit, length);
    }
    fields.statusCode = code;
    fields.status = code === 0 ? 'ok' : CLIENT_CODES.has(code) ? 'client_error' : 'server_error';
    if (code !== 0) fields.exception = RETURN_CODES[code] ?? `return code ${code}`;
    return this.calls.answer(fields, fromClient, unit, length);
  }
}

/** Sessions are counted for each method, so both ids are needed: together they have 64 bits, a number holds 53. */
function pairingKey(message: number, request: number): number {
  const mixed = Math.imul(message, 0x9e37_79b1) >>> 11;
  return mixed * 2 ** 32 + request;
}
