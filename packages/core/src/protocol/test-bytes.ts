import { concat, latin1 } from '../event/test-scene';

/** Byte builders for tests: bytes as the specifications write them. */
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
export const u32 = (value: number): Uint8Array => Uint8Array.of(value >> 24, value >> 16, value >> 8, value);

/** RESP array of bulk strings. */
export function command(...words: string[]): Uint8Array {
  return concat(`*${words.length}\r\n`, ...words.map((word) => `$${word.length}\r\n${word}\r\n`));
}

/** PostgreSQL frame. */
export function frame(type: string, ...body: (Uint8Array | string)[]): Uint8Array {
  const bytes = concat(...body);
  return concat(type, u32(bytes.length + 4), bytes);
}

export const pg = {
  startup: (parameters: Record<string, string>): Uint8Array => {
    const body = concat(u32(196_608), ...Object.entries(parameters).flatMap(([k, v]) => [`${k}\0`, `${v}\0`]), '\0');
    return concat(u32(body.length + 4), body);
  },
  sslRequest: concat(u32(8), u32(80_877_103)),
  query: (sql: string): Uint8Array => frame('Q', `${sql}\0`),
  parse: (name: string, sql: string): Uint8Array => frame('P', `${name}\0${sql}\0`, u16(0)),
  bind: (statement: string, ...values: string[]): Uint8Array =>
    frame('B', `\0${statement}\0`, u16(0), u16(values.length), ...values.flatMap((v) => [u32(v.length), v]), u16(0)),
  describe: frame('D', 'P\0'),
  execute: frame('E', '\0', u32(0)),
  sync: frame('S'),
  flush: frame('H'),
  parsed: frame('1'),
  bound: frame('2'),
  rowDescription: (name: string): Uint8Array =>
    frame('T', u16(1), `${name}\0`, u32(0), u16(0), u32(23), u16(4), u32(-1), u16(0)),
  row: (value: string): Uint8Array => frame('D', u16(1), u32(value.length), value),
  complete: (tag: string): Uint8Array => frame('C', `${tag}\0`),
  error: (code: string, message: string, severity = 'ERROR'): Uint8Array =>
    frame('E', `S${severity}\0V${severity}\0C${code}\0M${message}\0\0`),
  ready: frame('Z', 'I'),
  authentication: (code: number): Uint8Array => frame('R', u32(code)),
};

/** DNS message with one question. */
export function dnsMessage(id: number, flags: number, name: string, type: number, answers = 0): Uint8Array {
  const labels = name.split('.').map((label) => concat(Uint8Array.of(label.length), latin1(label)));
  const records = Array.from({ length: answers }, () =>
    concat(u16(0xc00c), u16(type), u16(1), u32(60), u16(4), '\x7f\0\0\x01'),
  );
  return concat(
    u16(id),
    u16(flags),
    u16(1),
    u16(answers),
    u16(0),
    u16(0),
    ...labels,
    '\0',
    u16(type),
    u16(1),
    ...records,
  );
}

export const overTcp = (message: Uint8Array): Uint8Array => concat(u16(message.length), message);

const le = (value: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** MySQL packets. */
export const my = {
  packet: (sequence: number, ...body: (Uint8Array | string)[]): Uint8Array => {
    const bytes = concat(...body);
    return concat(le(bytes.length, 3), Uint8Array.of(sequence), bytes);
  },
  /** Of the compressed protocol; 0 = the content is as it was. */
  frame: (sequence: number, content: Uint8Array | string, uncompressed = 0): Uint8Array =>
    concat(le(content.length, 3), Uint8Array.of(sequence), le(uncompressed, 3), content),
  greeting: (capabilities = 0xffff): Uint8Array =>
    my.packet(
      0,
      '\n8.0.36\0',
      le(7, 4),
      '12345678\0',
      le(capabilities & 0xffff, 2),
      '\x21',
      le(2, 2),
      le(capabilities >>> 16, 2),
      '\x15',
      '\0'.repeat(10),
      '123456789012\0',
    ),
  login: (user: string, database: string, capabilities = 0xa28d): Uint8Array =>
    my.packet(
      1,
      le(capabilities, 4),
      le(1 << 24, 4),
      '\x21',
      '\0'.repeat(23),
      `${user}\0`,
      '\x04abcd',
      `${database}\0`,
    ),
  sslRequest: (): Uint8Array => my.packet(1, le(0xaa8d, 4), le(1 << 24, 4), '\x21', '\0'.repeat(23)),
  command: (code: number, argument: Uint8Array | string = ''): Uint8Array =>
    my.packet(0, Uint8Array.of(code), argument),
  query: (sql: string): Uint8Array => my.command(3, sql),
  prepare: (sql: string): Uint8Array => my.command(22, sql),
  execute: (statement: number): Uint8Array => my.command(23, concat(le(statement, 4), '\0', le(1, 4))),
  ok: (sequence = 1, status = 2): Uint8Array => my.packet(sequence, '\0\x01\0', le(status, 2), le(0, 2)),
  eof: (sequence: number, status = 2): Uint8Array => my.packet(sequence, '\xfe', le(0, 2), le(status, 2)),
  error: (code: number, state: string, text: string, sequence = 1): Uint8Array =>
    my.packet(sequence, '\xff', le(code, 2), `#${state}${text}`),
  column: (sequence: number, name: string): Uint8Array =>
    my.packet(sequence, '\x03def\0\0\0', Uint8Array.of(name.length), name, '\0\x0c!\0\0\0\0\0\x03\0\0\0\0\0'),
  /** One column, one row. */
  result: (value: string, status = 2, first = 1): Uint8Array =>
    concat(
      my.packet(first, '\x01'),
      my.column(first + 1, 'a'),
      my.eof(first + 2),
      my.packet(first + 3, Uint8Array.of(value.length), value),
      my.eof(first + 4, status),
    ),
  prepared: (statement: number, parameters: number, columns: number): Uint8Array => {
    const definitions = [parameters, columns].flatMap((count) =>
      count === 0 ? [] : [...Array.from({ length: count }, (_, i) => my.column(2 + i, '?')), my.eof(2 + count)],
    );
    return concat(
      my.packet(1, '\0', le(statement, 4), le(columns, 2), le(parameters, 2), '\0', le(0, 2)),
      ...definitions,
    );
  },
};

/** BSON document of numbers (int32) and texts. */
export function bson(values: Record<string, number | string>): Uint8Array {
  const body = concat(
    ...Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'number'
        ? ['\x10', `${name}\0`, le(value, 4)]
        : ['\x02', `${name}\0`, le(value.length + 1, 4), `${value}\0`],
    ),
    '\0',
  );
  return concat(le(body.length + 4, 4), body);
}

export const mongo = {
  message: (id: number, answers: number, code: number, ...body: (Uint8Array | string)[]): Uint8Array => {
    const bytes = concat(...body);
    return concat(le(bytes.length + 16, 4), le(id, 4), le(answers, 4), le(code, 4), bytes);
  },
  msg: (id: number, answers: number, values: Record<string, number | string>, flags = 0): Uint8Array =>
    mongo.message(id, answers, 2013, le(flags, 4), '\0', bson(values)),
};

export function memcachedPacket(
  magic: number,
  opcode: number,
  status: number,
  opaque: number,
  key: string,
  value = '',
): Uint8Array {
  return concat(
    Uint8Array.of(magic, opcode),
    u16(key.length),
    '\0\0',
    u16(status),
    u32(key.length + value.length),
    u32(opaque),
    '\0'.repeat(8),
    key,
    value,
  );
}

export const mqttText = (text: string): Uint8Array => concat(u16(text.length), text);

/** MQTT packet; for short ones, whose length takes one byte or two. */
export function mqttPacket(first: number, ...body: (Uint8Array | string)[]): Uint8Array {
  const bytes = concat(...body);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return concat(Uint8Array.of(first, ...length), bytes);
}

const short = (text: string): Uint8Array => concat(Uint8Array.of(text.length), text);

/** AMQP 0-9-1 frames. */
export const amqpFrames = {
  frame: (type: number, channel: number, ...body: (Uint8Array | string)[]): Uint8Array => {
    const bytes = concat(...body);
    return concat(Uint8Array.of(type), u16(channel), u32(bytes.length), bytes, '\xce');
  },
  method: (channel: number, group: number, method: number, ...args: (Uint8Array | string)[]): Uint8Array =>
    amqpFrames.frame(1, channel, u16(group), u16(method), ...args),
  queueDeclare: (channel: number, queue: string, bits = 0): Uint8Array =>
    amqpFrames.method(channel, 50, 10, '\0\0', short(queue), Uint8Array.of(bits), u32(0)),
  publish: (channel: number, exchange: string, key: string): Uint8Array =>
    amqpFrames.method(channel, 60, 40, '\0\0', short(exchange), short(key), '\0'),
  header: (channel: number, size: number, name = '', value = ''): Uint8Array => {
    const table = name === '' ? '' : concat(short(name), 'S', u32(value.length), value);
    const properties = name === '' ? u16(0) : concat(u16(0x2000), u32(table.length), table);
    return amqpFrames.frame(2, channel, u16(60), u16(0), u32(0), u32(size), properties);
  },
  body: (channel: number, data: string): Uint8Array => amqpFrames.frame(3, channel, data),
};

/** Kafka frames. */
export const kafkaFrames = {
  text: (text: string): Uint8Array => concat(u16(text.length), text),
  frame: (...body: (Uint8Array | string)[]): Uint8Array => {
    const bytes = concat(...body);
    return concat(u32(bytes.length), bytes);
  },
  request: (api: number, version: number, id: number, ...body: (Uint8Array | string)[]): Uint8Array =>
    kafkaFrames.frame(u16(api), u16(version), u32(id), kafkaFrames.text('client-1'), ...body),
  response: (id: number, ...body: (Uint8Array | string)[]): Uint8Array => kafkaFrames.frame(u32(id), ...body),
  produce: (id: number, topic: string, acks = 1): Uint8Array =>
    kafkaFrames.request(0, 2, id, u16(acks), u32(1500), u32(1), kafkaFrames.text(topic), u32(1), u32(0), u32(0)),
  produced: (id: number, topic: string, error: number): Uint8Array =>
    kafkaFrames.response(id, u32(1), kafkaFrames.text(topic), u32(1), u32(0), u16(error), u32(0), u32(7), u32(0)),
};
