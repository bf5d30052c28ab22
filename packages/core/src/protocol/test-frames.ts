import { concat } from '../event/test-scene';
import { u16, u32 } from './test-bytes';

/** HTTP/2 frames, and header blocks as the simplest encoder writes them: every field a literal that is added to the table. */
export const h2 = {
  preface: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  frame: (type: number, flags: number, stream: number, ...payload: (Uint8Array | string)[]): Uint8Array => {
    const bytes = concat(...payload);
    return concat(u32(bytes.length).slice(1), Uint8Array.of(type, flags), u32(stream), bytes);
  },
  literal: (name: string, value: string): Uint8Array =>
    concat('\x40', Uint8Array.of(name.length), name, Uint8Array.of(value.length), value),
  block: (fields: Readonly<Record<string, string>>): Uint8Array =>
    concat(...Object.entries(fields).map(([name, value]) => h2.literal(name, value))),
  /** END_HEADERS, and END_STREAM if asked. */
  headers: (stream: number, fields: Readonly<Record<string, string>> | Uint8Array, end = false): Uint8Array =>
    h2.frame(1, end ? 5 : 4, stream, fields instanceof Uint8Array ? fields : h2.block(fields)),
  data: (stream: number, body: string, end = true): Uint8Array => h2.frame(0, end ? 1 : 0, stream, body),
  settings: (...pairs: (readonly [number, number])[]): Uint8Array =>
    h2.frame(4, 0, 0, ...pairs.flatMap(([id, value]) => [u16(id), u32(value)])),
  settingsAck: (): Uint8Array => h2.frame(4, 1, 0),
  ping: (ack = false): Uint8Array => h2.frame(6, ack ? 1 : 0, 0, '12345678'),
  windowUpdate: (stream: number, increment: number): Uint8Array => h2.frame(8, 0, stream, u32(increment)),
  reset: (stream: number, code: number): Uint8Array => h2.frame(3, 0, stream, u32(code)),
  goaway: (last: number, code: number): Uint8Array => h2.frame(7, 0, 0, u32(last), u32(code)),
};

/** A request's fields. */
export const get = (path: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ':method': 'GET',
  ':scheme': 'http',
  ':path': path,
  ':authority': 'shop.test',
  ...more,
});
export const call = (path: string): Record<string, string> => ({
  ':method': 'POST',
  ':scheme': 'http',
  ':path': path,
  ':authority': 'shop.test',
  'content-type': 'application/grpc+proto',
  te: 'trailers',
});
export const grpcHead = { ':status': '200', 'content-type': 'application/grpc' };

const short = (text: Uint8Array | string): Uint8Array => concat(Uint8Array.of(text.length), text);
const long = (...parts: (Uint8Array | string)[]): Uint8Array => {
  const bytes = concat(...parts);
  return concat(u16(bytes.length), bytes);
};
const extension = (type: number, ...body: (Uint8Array | string)[]): Uint8Array => concat(u16(type), long(...body));

export const tlsBytes = {
  record: (type: number, ...body: (Uint8Array | string)[]): Uint8Array =>
    concat(Uint8Array.of(type, 3, 3), long(...body)),
  handshake: (type: number, ...body: (Uint8Array | string)[]): Uint8Array => {
    const bytes = concat(...body);
    return tlsBytes.record(22, Uint8Array.of(type), u32(bytes.length).slice(1), bytes);
  },
  clientHello: (name: string, protocols: readonly string[] = ['h2', 'http/1.1'], versions = [0x0304, 0x0303]) =>
    tlsBytes.handshake(
      1,
      '\x03\x03',
      'r'.repeat(32),
      short('s'.repeat(32)),
      long('\x13\x01\xc0\x2f'),
      short('\0'),
      long(
        extension(0x0a0a),
        extension(0, long('\0', long(name))),
        extension(16, long(...protocols.map(short))),
        extension(43, short(concat(...versions.map(u16)))),
      ),
    ),
  serverHello: (suite: number, version?: number, protocol?: string, random = 'r'.repeat(32)) =>
    tlsBytes.handshake(
      2,
      '\x03\x03',
      random,
      short(''),
      u16(suite),
      '\0',
      long(
        ...(version === undefined ? [] : [extension(43, u16(version))]),
        ...(protocol === undefined ? [] : [extension(16, long(short(protocol)))]),
      ),
    ),
  /** The random number that makes a ServerHello a HelloRetryRequest. */
  retry:
    '\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c',
  alert: (description: number, level = 2): Uint8Array => tlsBytes.record(21, Uint8Array.of(level, description)),
  changeCipherSpec: (): Uint8Array => tlsBytes.record(20, '\x01'),
  data: (length = 40): Uint8Array => tlsBytes.record(23, 'x'.repeat(length)),
};
