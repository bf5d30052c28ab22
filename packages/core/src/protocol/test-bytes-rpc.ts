import { concat } from '../event/test-scene';
import { u16, u32 } from './test-bytes';

/** Byte builders for tests of the RPC protocols: bytes as the specifications write them. */
type Part = Uint8Array | string;
const byte = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const u64 = (value: number): Uint8Array => concat(u32(Math.floor(value / 2 ** 32)), u32(value));
const sized = (text: string): Uint8Array => concat(u32(text.length), text);

/** Hessian 2 values. */
export const hessian = {
  text: (text: string): Uint8Array =>
    text.length < 32 ? concat(byte(text.length), text) : concat('S', u16(text.length), text),
  int: (value: number): Uint8Array => concat('I', u32(value)),
  map: (values: Record<string, string>): Uint8Array =>
    concat('H', ...Object.entries(values).flatMap(([name, value]) => [hessian.text(name), hessian.text(value)]), 'Z'),
  define: (name: string, ...fields: string[]): Uint8Array =>
    concat('C', hessian.text(name), byte(0x90 + fields.length), ...fields.map(hessian.text)),
};

/** Dubbo frames. */
export const dubboFrames = {
  frame: (flags: number, status: number, id: number, ...body: Part[]): Uint8Array => {
    const bytes = concat(...body);
    return concat('\xda\xbb', byte(flags | 2, status), u64(id), u32(bytes.length), bytes);
  },
  invocation: (service: string, method: string, types: string, ...rest: Part[]): Uint8Array =>
    concat(...['2.0.2', service, '0.0.0', method, types].map(hessian.text), ...rest),
  call: (id: number, method: string, attachments: Record<string, string> = {}, flags = 0xc0): Uint8Array => {
    const invocation = dubboFrames.invocation('a.Users', method, 'I', byte(0x91), hessian.map(attachments));
    return dubboFrames.frame(flags, 0, id, invocation);
  },
  value: (id: number): Uint8Array => dubboFrames.frame(0, 20, id, byte(0x94), hessian.text('ok'), hessian.map({})),
  heartbeat: (id: number): Uint8Array => dubboFrames.frame(0xe0, 0, id, 'N'),
  alive: (id: number): Uint8Array => dubboFrames.frame(0x20, 20, id, 'N'),
};

/** FastCGI records. */
export const cgi = {
  record: (type: number, id: number, content: Part = '', padding = 0): Uint8Array =>
    concat(byte(1, type), u16(id), u16(content.length), byte(padding, 0), content, '\0'.repeat(padding)),
  begin: (id: number, role = 1): Uint8Array => cgi.record(1, id, concat(u16(role), byte(1, 0, 0, 0, 0, 0))),
  pair: (name: string, value: string): Uint8Array => {
    const length = (size: number) => (size < 128 ? byte(size) : u32(size + 2 ** 31));
    return concat(length(name.length), length(value.length), name, value);
  },
  params: (values: Record<string, string>): Uint8Array =>
    concat(...Object.entries(values).map(([name, value]) => cgi.pair(name, value))),
  request: (id: number, values: Record<string, string>, input = ''): Uint8Array =>
    concat(
      cgi.begin(id),
      cgi.record(4, id, cgi.params(values), 3),
      cgi.record(4, id),
      input === '' ? '' : cgi.record(5, id, input),
      cgi.record(5, id),
    ),
  end: (id: number, exit = 0, refusal = 0): Uint8Array => cgi.record(3, id, concat(u32(exit), byte(refusal, 0, 0, 0))),
  response: (id: number, output: string, errors = ''): Uint8Array =>
    concat(
      errors === '' ? '' : cgi.record(7, id, errors),
      cgi.record(6, id, output, 5),
      cgi.record(6, id),
      cgi.end(id),
    ),
};

/** Protocol buffers' fields, for small numbers and texts. */
export const pb = {
  varint: (value: number): Uint8Array => {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    return byte(...bytes, rest);
  },
  number: (field: number, value: number): Uint8Array => concat(byte(field * 8), pb.varint(value)),
  bytes: (field: number, ...content: Part[]): Uint8Array => {
    const bytes = concat(...content);
    return concat(byte(field * 8 + 2), pb.varint(bytes.length), bytes);
  },
};

/** bRPC frames. */
export const brpcFrames = {
  frame: (magic: string, meta: Uint8Array, payload: Part = ''): Uint8Array =>
    concat(magic, u32(meta.length + payload.length), u32(meta.length), meta, payload),
  call: (id: number, method: string, ...more: Uint8Array[]): Uint8Array =>
    brpcFrames.frame(
      'PRPC',
      concat(pb.bytes(1, pb.bytes(1, 'a.Echo'), pb.bytes(2, method)), pb.number(4, id), ...more),
      'payload',
    ),
  result: (id: number, code: number, text = ''): Uint8Array => {
    const result = pb.bytes(2, pb.number(1, code), text === '' ? '' : pb.bytes(2, text));
    return brpcFrames.frame('PRPC', concat(result, pb.number(4, id)), code === 0 ? 'payload' : '');
  },
};

/** Tars fields and packets. */
export const jce = {
  int: (tag: number, value: number): Uint8Array =>
    value === 0
      ? byte(tag * 16 + 12)
      : value > 0 && value < 128
        ? byte(tag * 16, value)
        : concat(byte(tag * 16 + 2), u32(value)),
  text: (tag: number, text: string): Uint8Array => concat(byte(tag * 16 + 6, text.length), text),
  bytes: (tag: number, data: string): Uint8Array => concat(byte(tag * 16 + 13, 0), jce.int(0, data.length), data),
  map: (tag: number, values: Record<string, string>): Uint8Array => {
    const entries = Object.entries(values);
    const pairs = entries.flatMap(([name, value]) => [jce.text(0, name), jce.text(1, value)]);
    return concat(byte(tag * 16 + 8), jce.int(0, entries.length), ...pairs);
  },
  packet: (...fields: Uint8Array[]): Uint8Array => {
    const bytes = concat(...fields);
    return concat(u32(bytes.length + 4), bytes);
  },
  call: (
    id: number,
    name: string,
    { version = 1, type = 0, context = {}, status = {}, body = 'abc' } = {},
  ): Uint8Array =>
    jce.packet(
      concat(byte(0x10, version), jce.int(2, type), jce.int(3, 0), jce.int(4, id)),
      concat(jce.text(5, 'Shop.Users.UserObj'), jce.text(6, name), jce.bytes(7, body), jce.int(8, 3000)),
      concat(jce.map(9, context), jce.map(10, status)),
    ),
  result: (id: number, result: number, text = ''): Uint8Array =>
    jce.packet(
      concat(byte(0x10, 1), jce.int(2, 0), jce.int(3, id), jce.int(4, 0), jce.int(5, result)),
      concat(jce.bytes(6, 'xyz'), jce.map(7, {}), text === '' ? '' : jce.text(8, text)),
    ),
};

const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
const RESPONSE_CLASS = 'com.alipay.sofa.rpc.core.response.SofaResponse';

/** SOFARPC frames over Bolt. */
export const bolt = {
  frame: (
    { version = 1, type = 1, command = 1, id = 1, status = 0, checksum = false },
    name: string,
    header: Part,
    content: Part,
  ): Uint8Array =>
    concat(
      version === 1 ? byte(1) : byte(2, checksum ? 2 : 1),
      byte(type),
      u16(command),
      byte(1),
      u32(id),
      byte(1),
      version === 1 ? '' : byte(checksum ? 1 : 0),
      type === 0 ? u16(status) : u32(3000),
      u16(name.length),
      u16(header.length),
      u32(content.length),
      name,
      header,
      content,
      checksum ? 'CRC.' : '',
    ),
  header: (values: Record<string, string>): Uint8Array =>
    concat(...Object.entries(values).flatMap(([name, value]) => [sized(name), sized(value)])),
  call: (id: number, method: string, { version = 1, type = 1, checksum = false, more = {} } = {}): Uint8Array =>
    bolt.frame(
      { version, type, id, checksum },
      REQUEST_CLASS,
      bolt.header({ sofa_head_target_service: 'a.Users:1.0', sofa_head_method_name: method, ...more }),
      'O\xbc…',
    ),
  response: (id: number, content: Part, { version = 1, status = 0, checksum = false } = {}): Uint8Array =>
    bolt.frame({ version, type: 0, command: 2, id, status, checksum }, RESPONSE_CLASS, '', content),
  /** A SofaResponse whose answer is the rest. */
  answer: (isError: boolean, text: string | undefined, answer: Part): Uint8Array =>
    concat(
      'O',
      byte(0x90 + RESPONSE_CLASS.length),
      RESPONSE_CLASS,
      byte(0x94),
      ...['isError', 'errorMsg', 'appResponse', 'responseProps'].map(hessian.text),
      'o\x90',
      isError ? 'T' : 'F',
      text === undefined ? 'N' : hessian.text(text),
      answer,
      'N',
    ),
  heartbeat: (id: number): Uint8Array => bolt.frame({ command: 0, id }, '', '', ''),
  alive: (id: number): Uint8Array => bolt.frame({ type: 0, command: 0, id }, '', '', ''),
};

/** SOME/IP message. */
export function someipMessage(
  { service = 0x1234, method = 0x21, client = 1, session = 1, type = 0, code = 0 },
  payload: Part = '',
): Uint8Array {
  return concat(
    u16(service),
    u16(method),
    u32(payload.length + 8),
    u16(client),
    u16(session),
    byte(1, 1, type, code),
    payload,
  );
}
