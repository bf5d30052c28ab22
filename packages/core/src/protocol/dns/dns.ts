import { isPrintable } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type { Transport } from '../../event/event-block';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { typeName } from './record-types';

/**
 * DNS: RFC 1035, section 4. Over TCP each message follows its length (section 4.2.2).
 *
 *   header   = id (2) · flags (2): QR OPCODE AA TC RD RA Z RCODE · QDCOUNT (2) · ANCOUNT (2) · NSCOUNT (2) · ARCOUNT (2)
 *   question = QNAME · QTYPE (2) · QCLASS (2)
 *   QNAME    = *( length (1) · label ) · 0           a length of 192 or more is a pointer (section 4.1.4)
 */
const HEADER_BYTES = 12;
const MAX_LABELS = 128;
const MAX_NAME_BYTES = 255;
/** Counts beyond these do not occur in messages of at most 64 KiB that mean anything. */
const MAX_RECORDS = 4096;
const CLASSES: ReadonlySet<number> = new Set([1, 3, 4, 254, 255]);
const LAST_OPCODE = 6;

const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];
/** The question was wrong: FORMERR and NXDOMAIN. All other codes are the server's trouble. */
const CLIENT_RCODES: ReadonlySet<number> = new Set([1, 3]);

export const dns: ProtocolParser = {
  protocol: 'dns',
  transports: ['udp', 'tcp'],
  pairing: 'id',
  infer,
  open: (transport) => new DnsConnection(transport),
};

interface Question {
  id: number;
  flags: number;
  name: string;
  type: number;
}
const question: Question = { id: 0, flags: 0, name: '', type: 0 };

function infer(cursor: Cursor, context: InferenceContext): Inference {
  // Exactly one question: rejects nearly everything else at a glance.
  const countAt = context.transport !== 'udp' ? 6 : 4;
  if (cursor.peek(countAt) > 0 || cursor.peek(countAt + 1) > 1) return 'no';
  if (context.transport !== 'udp') {
    if (cursor.remaining < 2) return 'more';
    const length = cursor.u16();
    if (length < HEADER_BYTES + 5) return 'no';
    // What follows is a whole message of that length, or the beginning of one.
    if (cursor.remaining >= length) cursor.end = cursor.position + length;
  }
  const result = readQuestion(cursor);
  if (result === 'more') return context.transport !== 'udp' && !cursor.cut ? 'more' : 'no';
  if (result === 'invalid') return 'no';
  return (question.flags & 0x8000) === 0 ? 'request' : 'response';
}

/** Reads header and first question into `question`; strict enough to tell DNS from anything else. */
function readQuestion(cursor: Cursor): 'question' | 'more' | 'invalid' {
  question.id = cursor.u16();
  const flags = cursor.u16();
  const questions = cursor.u16();
  const answers = cursor.u16();
  const authorities = cursor.u16();
  const additionals = cursor.u16();
  if (!cursor.overrun || cursor.remaining > 0) {
    const isQuery = (flags & 0x8000) === 0;
    if (((flags >> 11) & 15) > LAST_OPCODE || (flags & 0x0040) !== 0 || questions !== 1) return 'invalid';
    if (answers > MAX_RECORDS || authorities > MAX_RECORDS || additionals > MAX_RECORDS) return 'invalid';
    if (isQuery && ((flags & 15) !== 0 || answers > 0)) return 'invalid';
  }
  if (cursor.overrun) return 'more';
  question.flags = flags;
  let name = '';
  for (let labels = 0; ; labels += 1) {
    const length = cursor.u8();
    if (cursor.overrun) return 'more';
    if (length === 0) break;
    const start = cursor.position;
    if (length > 63 || labels >= MAX_LABELS || name.length + length > MAX_NAME_BYTES) return 'invalid';
    for (let i = 0; i < length; i += 1) {
      const byte = cursor.peek(i);
      if (byte < 0) return 'more';
      if (!isPrintable(byte) || byte === 0x20) return 'invalid';
    }
    cursor.skip(length);
    const label = decodeText(cursor.bytes, start, start + length);
    name = name === '' ? label : `${name}.${label}`;
  }
  question.name = name;
  question.type = cursor.u16();
  const dnsClass = cursor.u16() & 0x7fff;
  if (cursor.overrun) return 'more';
  return CLASSES.has(dnsClass) && question.type !== 0 ? 'question' : 'invalid';
}

class DnsConnection implements ConnectionParser {
  constructor(private readonly transport: Transport) {}

  parse(cursor: Cursor, _fromClient: boolean, unit: Unit): Outcome {
    const start = cursor.position;
    const { end } = cursor;
    let length = end - start;
    if (this.transport !== 'udp') {
      if (length < 2) return 'more';
      length = cursor.u16() + 2;
      if (length < HEADER_BYTES + 2) return 'invalid';
      if (!cursor.cut && end - start < length) return 'more';
      cursor.end = Math.min(end, start + length);
    } else {
      unit.extent = 'until-close';
    }
    const result = readQuestion(cursor);
    if (result === 'more') return cursor.cut && cursor.end === end ? 'more' : 'invalid';
    if (result === 'invalid') return 'invalid';
    const isResponse = (question.flags & 0x8000) !== 0;
    return unit.whole(isResponse ? 'response' : 'request', messageFields(isResponse), length);
  }

  resume(): void {}
}

function messageFields(isResponse: boolean): MutableFields {
  const { id, flags, name, type } = question;
  const fields: MutableFields = { requestId: id, method: typeName(type), resource: name, endpoint: name };
  if (!isResponse) return fields;
  const rcode = flags & 15;
  fields.statusCode = rcode;
  fields.status = rcode === 0 ? 'ok' : CLIENT_RCODES.has(rcode) ? 'client_error' : 'server_error';
  if (rcode !== 0) fields.exception = RCODES[rcode] ?? `RCODE ${rcode}`;
  return fields;
}
