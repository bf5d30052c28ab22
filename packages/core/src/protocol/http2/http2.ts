import { agrees } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import type { ConnectionParser, MutableFields, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { Fragments } from './fragments';
import { errorName, Flag, FRAME_HEAD, FrameHead, FrameType, u31 } from './frames';
import { HeaderBlock } from './header-block';
import { HpackDecoder } from './hpack';
import { inferHttp2, PREFACE } from './infer';
import { type Stream, Streams } from './streams';

/**
 * HTTP/2 (RFC 9113) and gRPC on it. A client opens with a preface of 24 bytes; then both sides send frames. A stream is a
 * channel, and its number pairs request and response. A unit is a frame, or a HEADERS frame with the CONTINUATIONs that
 * follow it. Frames of the connection itself (SETTINGS, PING, WINDOW_UPDATE, PRIORITY) belong to no message.
 *
 *   request  = HEADERS *CONTINUATION *DATA [ HEADERS *CONTINUATION ]              last frame with END_STREAM
 *   response = *( interim HEADERS ) HEADERS *DATA [ trailers ]                    likewise; RST_STREAM ends both
 *   push     = PUSH_PROMISE on another stream, then a response: one-way here
 */
export const http2: ProtocolParser = {
  protocol: 'http2',
  transports: ['tcp'],
  pairing: 'id',
  infer: inferHttp2,
  open: () => new Http2Connection(),
};

const VERSION = '2';
/** Shared by all connections: parsing never nests. */
const head = new FrameHead();
const block = new HeaderBlock();
const fragments = new Fragments();

/** Of each message: whether it is compressed (1), and its length (4). */
const GRPC_PREFIX = 5;

/** A DATA frame that holds one message, whole. */
function isGrpcMessage(bytes: Uint8Array, at: number, length: number): boolean {
  return bytes[at]! <= 1 && u31(bytes, at + 1) === length - GRPC_PREFIX;
}

class Http2Connection implements ConnectionParser {
  private readonly streams = new Streams();
  /** Some stream was gRPC: then so are those whose content type was not seen, as gRPC shares connections with nothing else. */
  private grpc = false;
  private readonly client = new HpackDecoder();
  private readonly server = new HpackDecoder();

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position, end } = cursor;
    // 'P' would begin a frame of five million bytes.
    if (bytes[position] === PREFACE[0]) {
      if (!fromClient || !agrees(bytes, position, end, PREFACE)) return 'invalid';
      if (end - position < PREFACE.length) return 'more';
      unit.length = PREFACE.length;
      return 'unit';
    }
    if (end - position < FRAME_HEAD) return 'more';
    head.read(bytes, position);
    if (!head.isSound) return 'invalid';
    unit.length = FRAME_HEAD + head.length;
    switch (head.type) {
      case FrameType.data:
        return this.parseData(cursor, fromClient, unit);
      case FrameType.headers:
      case FrameType.pushPromise:
        return this.parseHeaders(cursor, fromClient, unit);
      case FrameType.rstStream:
        return this.parseReset(cursor, fromClient, unit);
      case FrameType.goaway:
        return this.parseGoaway(cursor, fromClient, unit);
      case FrameType.continuation:
        // Its HEADERS were cut: what it adds to the table is not known.
        (fromClient ? this.client : this.server).forget();
        unit.channel = head.stream;
        return 'unit';
      default:
        return 'unit';
    }
  }

  resume(fromClient: boolean): void {
    (fromClient ? this.client : this.server).forget();
  }

  private parseData({ bytes, position, end, cut }: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const stream = this.streams.get(head.stream);
    if (stream?.hasGaps === true && !stream.grpc && head.length >= GRPC_PREFIX) {
      const at = position + FRAME_HEAD;
      if (end - at < GRPC_PREFIX && !cut) return 'more';
      if (end - at >= GRPC_PREFIX && isGrpcMessage(bytes, at, head.length)) {
        this.nameGrpc(stream);
        unit.protocol = 'grpc';
      }
    }
    unit.channel = head.stream;
    if (head.has(Flag.endStream)) this.end(stream, fromClient, unit);
    return 'unit';
  }

  private parseHeaders(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const promises = head.type === FrameType.pushPromise;
    if (promises && fromClient) return 'invalid';
    const { stream } = head;
    const ends = !promises && head.has(Flag.endStream);
    const collected = fragments.collect(cursor, head);
    if (collected !== 'whole' && collected !== 'cut') return collected;
    unit.length = fragments.length;
    const decoder = fromClient ? this.client : this.server;
    const fields: MutableFields = { version: VERSION };
    block.reset(fields);
    const sound = decoder.decode(fragments.bytes, fragments.start, fragments.end, block);
    if (!sound || collected === 'cut') decoder.forget();
    if (promises) return this.promise(cursor, fields, unit);
    unit.channel = stream;
    if (fromClient) this.request(stream, fields, ends, unit);
    else this.response(stream, fields, ends, unit);
    return 'unit';
  }

  private request(id: number, fields: MutableFields, ends: boolean, unit: Unit): void {
    const known = this.streams.get(id);
    // Trailers; without the headers before them they say nothing.
    const trailers = known?.request !== undefined || (ends && block.first === 'regular');
    if (trailers) {
      if (ends) this.end(known, true, unit);
      return;
    }
    const stream = this.streams.open(id);
    this.judge(stream);
    stream.request = fields;
    block.fillRequest(fields);
    fields.requestId = id;
    unit.begins = 'request';
    unit.fields = fields;
    this.named(stream, unit);
    if (ends) this.end(stream, true, unit);
  }

  private response(id: number, fields: MutableFields, ends: boolean, unit: Unit): void {
    const stream = this.streams.open(id);
    if (stream.reset) {
      if (ends) this.streams.forget(stream);
      return;
    }
    this.judge(stream);
    const { response, request } = stream;
    if (response !== undefined) {
      // The head of what was promised, or trailers.
      block.fillOutcome(response);
    } else {
      fields.requestId = id;
      if (request?.endpoint !== undefined) fields.endpoint = request.endpoint;
      block.fillOutcome(fields);
      unit.interim = !ends && block.status?.length === 3 && block.status.startsWith('1');
      unit.begins = id % 2 === 0 ? 'oneway' : 'response';
      unit.headless = block.first === 'regular';
      unit.fields = fields;
      if (unit.interim) unit.ends = true;
      else stream.response = fields;
    }
    this.named(stream, unit);
    if (ends) this.end(stream, false, unit);
  }

  /** A request that the server makes up, to answer it on the stream that it promises. */
  private promise({ bytes, position, end }: Cursor, fields: MutableFields, unit: Unit): Outcome {
    const at = position + FRAME_HEAD + (head.has(Flag.padded) ? 1 : 0);
    if (at + 4 > end) return 'unit';
    const id = u31(bytes, at);
    if (id === 0 || id % 2 === 1) return 'invalid';
    const stream = this.streams.open(id);
    stream.requestEnded = true;
    stream.response = fields;
    block.fillRequest(fields);
    fields.requestId = id;
    unit.begins = 'oneway';
    unit.fields = fields;
    unit.channel = id;
    return 'unit';
  }

  /** RFC 9113, section 6.4: the stream is over, and what is not whole by now never will be. */
  private parseReset({ bytes, position, end, cut }: Cursor, fromClient: boolean, unit: Unit): Outcome {
    if (end - position < unit.length && !cut) return 'more';
    unit.channel = head.stream;
    const stream = this.streams.get(head.stream);
    if (stream === undefined || stream.reset) return 'unit';
    unit.over = [stream.id];
    if (stream.responseEnded) {
      // The rest of the request is not wanted any more: nothing failed.
      this.streams.forget(stream);
      return 'unit';
    }
    const failure: MutableFields = {
      status: fromClient ? 'client_error' : 'server_error',
      exception: `RST_STREAM ${errorName(bytes, position + FRAME_HEAD, end)}`.trimEnd(),
    };
    const { request, response } = stream;
    if (fromClient) {
      stream.reset = true;
      const failed = response ?? request;
      if (failed !== undefined) Object.assign(failed, failure);
      return 'unit';
    }
    this.streams.forget(stream);
    unit.ends = true;
    if (response !== undefined) Object.assign(response, failure);
    else {
      unit.begins = 'response';
      unit.fields = { version: VERSION, requestId: stream.id, ...failure };
      if (request?.endpoint !== undefined) unit.fields.endpoint = request.endpoint;
      this.named(stream, unit);
    }
    return 'unit';
  }

  /** RFC 9113, section 6.8: requests above the last stream were not and will not be acted on. */
  private parseGoaway({ bytes, position, end, cut }: Cursor, fromClient: boolean, unit: Unit): Outcome {
    if (end - position < FRAME_HEAD + 8) return cut ? 'unit' : 'more';
    if (fromClient) return 'unit';
    const at = position + FRAME_HEAD;
    const refused = this.streams.unanswered(u31(bytes, at));
    if (refused.length === 0) return 'unit';
    const exception = `GOAWAY ${errorName(bytes, at + 4, end)}`;
    for (const stream of refused) {
      Object.assign(stream.request!, { status: 'server_error', exception });
      this.streams.forget(stream);
    }
    unit.over = refused.map(({ id }) => id);
    return 'unit';
  }

  /** Whether the stream is gRPC, by the header block that was just read. */
  private judge(stream: Stream): void {
    stream.hasGaps ||= block.hasGaps;
    if (block.isGrpc || (this.grpc && stream.hasGaps)) this.nameGrpc(stream);
    block.isGrpc ||= stream.grpc;
  }

  private nameGrpc(stream: Stream): void {
    this.grpc = true;
    stream.grpc = true;
    // A method's path holds no ids.
    if (stream.request?.resource !== undefined) stream.request.endpoint = stream.request.resource;
  }

  private named(stream: Stream, unit: Unit): void {
    if (stream.grpc) unit.protocol = 'grpc';
  }

  private end(stream: Stream | undefined, fromClient: boolean, unit: Unit): void {
    unit.ends = true;
    if (stream !== undefined) this.streams.end(stream, fromClient);
  }
}
