import { concat } from '../event/test-scene';
import { u16, u32 } from './test-bytes';

/** Byte builders for tests of message-queue protocols: bytes as the specifications write them. */
type Piece = Uint8Array | string;

const varint = (value: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
};

/** Protobuf message of numbers, texts and messages by field number; a list repeats its field. */
export function protobuf(fields: Record<number, number | Piece | readonly Piece[]>): Uint8Array {
  return concat(
    ...Object.entries(fields).flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(Number(number) * 8), varint(value)];
      const pieces = Array.isArray(value) ? (value as readonly Piece[]) : [value as Piece];
      return pieces.flatMap((piece) => [varint(Number(number) * 8 + 2), varint(piece.length), piece]);
    }),
  );
}

/** Pulsar frames. */
export const pulsarFrames = {
  command: (type: number, fields: Record<number, number | Piece> = {}, message: Piece = ''): Uint8Array => {
    const command = protobuf({ 1: type, [type]: protobuf(fields) });
    return concat(u32(command.length + 4 + message.length), u32(command.length), command, message);
  },
  /** A message with its checksum, metadata and payload. */
  message: (properties: Record<string, string>, payload: Piece, more: Record<number, number> = {}): Uint8Array => {
    const pairs = Object.entries(properties).map(([key, value]) => protobuf({ 1: key, 2: value }));
    const metadata = concat(protobuf({ 1: 'p', 2: 1, 3: 1_700_000_000_000, 4: pairs }), protobuf(more));
    return concat(u16(0x0e01), u32(0), u32(metadata.length), metadata, payload);
  },
};

/** RocketMQ frames. */
export const rocketmqFrames = {
  json: (header: object, body: Piece = ''): Uint8Array => {
    const text = JSON.stringify(header);
    return concat(u32(4 + text.length + body.length), u32(text.length), text, body);
  },
  call: (code: number, opaque: number, extFields: Record<string, string>, flag = 0): Uint8Array =>
    rocketmqFrames.json({
      code,
      extFields,
      flag,
      language: 'JAVA',
      opaque,
      serializeTypeCurrentRPC: 'JSON',
      version: 399,
    }),
  answer: (code: number, opaque: number, remark?: string, body: Piece = ''): Uint8Array =>
    rocketmqFrames.json({ code, flag: 1, language: 'JAVA', opaque, remark, version: 399 }, body),
  binary: (code: number, opaque: number, flag: number, remark: string, fields: Record<string, string>): Uint8Array => {
    const extension = concat(
      ...Object.entries(fields).flatMap(([name, value]) => [u16(name.length), name, u32(value.length), value]),
    );
    const header = concat(
      u16(code),
      '\0',
      u16(399),
      u32(opaque),
      u32(flag),
      u32(remark.length),
      remark,
      u32(extension.length),
      extension,
    );
    return concat(u32(4 + header.length), u32(0x0100_0000 + header.length), header);
  },
  /** As it lies in the broker's log. */
  stored: (topic: string, properties: string, body: string): Uint8Array => {
    const rest = concat(u32(body.length), body, Uint8Array.of(topic.length), topic, u16(properties.length), properties);
    const head = concat(u32(0xdaa320a7), '\0'.repeat(28), u32(0), '\0'.repeat(44));
    return concat(u32(4 + head.length + rest.length), head, rest);
  },
};

/** ZMTP frames. */
export const zmtpFrames = {
  signature: concat('\xff', '\0'.repeat(8), '\x7f'),
  greeting: (mechanism = 'NULL'): Uint8Array =>
    concat(zmtpFrames.signature, '\x03\x01', mechanism.padEnd(20, '\0'), '\0'.repeat(32)),
  greeting2: (socketType: number, identity = ''): Uint8Array =>
    concat(zmtpFrames.signature, Uint8Array.of(1, socketType, 0, identity.length), identity),
  frame: (flags: number, body: Piece): Uint8Array =>
    body.length > 255
      ? concat(Uint8Array.of(flags | 2), u32(0), u32(body.length), body)
      : concat(Uint8Array.of(flags, body.length), body),
  command: (name: string, data: Piece = ''): Uint8Array =>
    zmtpFrames.frame(4, concat(Uint8Array.of(name.length), name, data)),
  ready: (socketType: string): Uint8Array =>
    zmtpFrames.command('READY', concat('\x0bSocket-Type', u32(socketType.length), socketType)),
  message: (...frames: Piece[]): Uint8Array =>
    concat(...frames.map((body, i) => zmtpFrames.frame(i < frames.length - 1 ? 1 : 0, body))),
};

const utf = (text: string): Uint8Array => concat(u16(text.length), text);
const map = (values: Record<string, number | string | boolean>): Uint8Array =>
  concat(
    u32(Object.keys(values).length),
    ...Object.entries(values).flatMap(([name, value]) => [
      utf(name),
      ...(typeof value === 'boolean'
        ? [Uint8Array.of(1, value ? 1 : 0)]
        : typeof value === 'number'
          ? ['\x05', u32(value)]
          : ['\x09', utf(value)]),
    ]),
  );

/** Writes both encodings of OpenWire: where loose puts a boolean, tight collects a bit. */
class OpenwireWriter {
  private readonly parts: Uint8Array[] = [];
  private readonly bits: boolean[] = [];

  constructor(
    private readonly tight: boolean,
    private readonly cache: boolean,
  ) {}

  bool(value: boolean): this {
    if (this.tight) this.bits.push(value);
    else this.parts.push(Uint8Array.of(value ? 1 : 0));
    return this;
  }

  raw(...pieces: Piece[]): this {
    this.parts.push(concat(...pieces));
    return this;
  }

  string(text: string | undefined): this {
    this.bool(text !== undefined);
    if (text === undefined) return this;
    if (this.tight) this.bits.push(true);
    return this.raw(utf(text));
  }

  long(value: number): this {
    if (!this.tight) return this.raw(u32(Math.floor(value / 2 ** 32)), u32(value % 2 ** 32));
    this.bits.push(false, value !== 0);
    return value === 0 ? this : this.raw(u16(value));
  }

  bytes(data: Piece | undefined): this {
    this.bool(data !== undefined);
    return data === undefined ? this : this.raw(u32(data.length), data);
  }

  /** A structure as it is, or what was sent before by its number; `fields` absent = none. */
  cached(index: number, type: number, fields?: (writer: this) => void): this {
    if (this.cache) this.bool(true).raw(u16(index));
    return this.nested(type, fields);
  }

  again(index: number): this {
    return this.bool(false).raw(u16(index));
  }

  nested(type: number, fields?: (writer: this) => void): this {
    this.bool(fields !== undefined);
    if (fields === undefined) return this;
    this.raw(Uint8Array.of(type));
    fields(this);
    return this;
  }

  frame(type: number): Uint8Array {
    const row = Uint8Array.from({ length: Math.ceil(this.bits.length / 8) }, (_, i) =>
      this.bits.slice(i * 8, i * 8 + 8).reduce((byte, bit, at) => byte | (bit ? 1 << at : 0), 0),
    );
    const body = concat(Uint8Array.of(type), ...(this.tight ? [Uint8Array.of(row.length), row] : []), ...this.parts);
    return concat(u32(body.length), body);
  }
}

const connection = (writer: OpenwireWriter): unknown => writer.string('ID:host-1');
const producer = (writer: OpenwireWriter): unknown => writer.string('ID:host-1').long(1).long(1);

/** OpenWire frames of one encoding. */
export const openwireFrames = (tight: boolean, cache: boolean) => {
  const command = (id: number, required: boolean): OpenwireWriter =>
    new OpenwireWriter(tight, cache).raw(u32(id)).bool(required);
  const message = (writer: OpenwireWriter, queue: string, properties: Record<string, string>): OpenwireWriter =>
    writer
      .cached(0, 123, producer)
      .cached(1, 100, (name) => name.string(queue))
      .cached(2, 111)
      .cached(3, 100)
      .nested(110, (id) => id.string(undefined).cached(0, 123, producer).long(7).long(0))
      .cached(2, 111)
      .string(undefined)
      .raw(u32(0))
      .string(undefined)
      .bool(true)
      .long(0)
      .raw('\x04')
      .nested(100)
      .long(0)
      .string(undefined)
      .bytes('hello')
      .bytes(map(properties))
      .nested(100)
      .cached(4, 122)
      .bool(false)
      .raw(u32(0));
  return {
    handshake: (version = 12): Uint8Array => {
      const said = map({
        CacheEnabled: cache,
        TightEncodingEnabled: tight,
        SizePrefixDisabled: false,
        ProviderName: 'x',
      });
      const body = concat('\x01ActiveMQ', u32(version), '\x01', u32(said.length), said);
      return concat(u32(body.length), body);
    },
    connect: (id: number): Uint8Array =>
      command(id, true).cached(9, 120, connection).string('client-1').string('secret').string('user').frame(3),
    send: (id: number, queue: string, required: boolean, properties: Record<string, string> = {}): Uint8Array =>
      message(command(id, required), queue, properties).frame(28),
    /** A message whose producer and destination were sent before. */
    sendAgain: (id: number): Uint8Array =>
      command(id, true).again(0).again(1).cached(2, 111).cached(3, 100).nested(110).frame(28),
    dispatch: (queue: string): Uint8Array => {
      const writer = command(0, false)
        .cached(10, 122, (id) => id.string('ID:host-1').long(1).long(1))
        .cached(11, 100, (name) => name.string(queue));
      writer.nested(28, (inner) => {
        if (tight) inner.bool(false);
        message(inner.raw(u32(5)).bool(true), queue, { traceparent: TRACEPARENT });
      });
      return writer.frame(21);
    },
    response: (correlation: number): Uint8Array => command(0, false).raw(u32(correlation)).frame(30),
    exception: (correlation: number, name: string, text: string): Uint8Array =>
      command(0, false).raw(u32(correlation)).bool(true).string(name).string(text).frame(31),
    keepAlive: (): Uint8Array => command(0, true).frame(10),
    shutdown: (id: number): Uint8Array => command(id, false).frame(11),
  };
};

export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
