import { agrees, CR, codes, hexValue, isPrintable, LF, SPACE } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { Fifo } from '../../base/fifo';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { type Head, readHead } from './head';

/**
 * HTTP/1.0 and 1.1: RFC 9112. A message with a length is one unit; a chunked one (section 7.1) a unit for its head, one
 * for each chunk and one for the last chunk with its trailers:
 *
 *   chunk      = 1*HEXDIG [ chunk-ext ] CRLF chunk-data CRLF
 *   last-chunk = 1*"0" [ chunk-ext ] CRLF *( field-line CRLF ) CRLF
 */
const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE', 'PROPFIND', 'PURGE'];
const METHOD_CODES = METHODS.map((method) => codes(`${method} `));
const STATUS_START = codes('HTTP/1.');

/** A head that is longer is taken for something else. Servers refuse at 8 to 64 KiB. */
const MAX_HEAD_BYTES = 65_536;
/** A chunk's size line, extensions included. */
const MAX_CHUNK_LINE = 1024;
const MAX_TRAILER_BYTES = 16_384;
/** Requests that are remembered until their response; pipelines are far shorter. */
const MAX_REMEMBERED = 256;
const H2C_STREAM = 1;
/** Empty lines before the first request. */
const MAX_BLANK_BYTES = 4;

export const http1: ProtocolParser = {
  protocol: 'http',
  transports: ['tcp'],
  pairing: 'order',
  infer,
  open: () => new Http1Connection(),
};

function infer(cursor: Cursor, _context: InferenceContext): Inference {
  const blank = blankLines(cursor);
  if (blank > 0 && blank <= MAX_BLANK_BYTES) {
    if (blank === cursor.remaining) return cursor.cut ? 'no' : 'more';
    cursor.position += blank;
    return inferLine(cursor) === 'no' ? 'no' : 'request';
  }
  return inferLine(cursor);
}

function inferLine(cursor: Cursor): Inference {
  const { bytes, position, end } = cursor;
  const first = bytes[position]!;
  // Upper-case letters only: rejects nearly everything else at the first byte.
  if (first < 0x41 || first > 0x5a) return 'no';
  if (first === 0x48 && agrees(bytes, position, end, STATUS_START)) return inferStatusLine(cursor);
  for (const method of METHOD_CODES) {
    if (method[0] === first && agrees(bytes, position, end, method)) {
      return end - position <= method.length ? 'more' : inferRequestLine(cursor, position + method.length);
    }
  }
  return 'no';
}

function inferStatusLine({ bytes, position, end }: Cursor): Inference {
  const version = position + 7 < end ? bytes[position + 7] : 0x31;
  if (version !== 0x30 && version !== 0x31) return 'no';
  if (position + 8 < end && bytes[position + 8] !== SPACE) return 'no';
  return position + 9 < end ? 'response' : 'more';
}

/** A whole request line ends in a version; one that is cut has to be printable as far as it goes. */
function inferRequestLine(cursor: Cursor, from: number): Inference {
  const { bytes, end } = cursor;
  let at = from;
  while (at < end && isPrintable(bytes[at]!)) at += 1;
  if (at === end) return cursor.cut ? 'request' : cursor.remaining > MAX_HEAD_BYTES ? 'no' : 'more';
  if (bytes[at] === CR) {
    if (at + 1 < end && bytes[at + 1] !== LF) return 'no';
  } else if (bytes[at] !== LF) return 'no';
  return agrees(bytes, at - 9, at - 2, HTTP_VERSION) ? 'request' : 'no';
}
const HTTP_VERSION = codes(' HTTP/1');

type Body = 'none' | 'chunked';

class Http1Connection implements ConnectionParser {
  private readonly head: Head = {
    length: 0,
    isRequest: false,
    fields: {},
    statusCode: 0,
    contentLength: -1,
    chunked: false,
    upgrade: '',
    otherCoding: false,
  };
  private requestBody: Body = 'none';
  private responseBody: Body = 'none';
  /** Requests without a response yet: its length depends on their method (RFC 9112, section 6.3), and it repeats their endpoint. */
  private readonly asked = new Fifo<MutableFields>();
  /** What the last request that asked for another protocol asked for. */
  private upgrade = '';

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const body = fromClient ? this.requestBody : this.responseBody;
    return body === 'chunked' ? this.parseChunk(cursor, fromClient, unit) : this.parseHead(cursor, fromClient, unit);
  }

  resume(fromClient: boolean): void {
    if (fromClient) {
      this.requestBody = 'none';
      return;
    }
    this.responseBody = 'none';
    // Clients hardly ever pipeline: what is answered now is what was asked last.
    this.asked.keepLast();
  }

  private parseHead(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { head } = this;
    // A server ignores empty lines before a request line (RFC 9112, section 2.2); some clients send one after a body.
    // Consumed on their own, so that a message's sequence is that of its first letter.
    const blank = blankLines(cursor);
    if (blank > 0) {
      unit.length = blank;
      return 'unit';
    }
    const result = readHead(cursor, head);
    if (result !== 'head') return cursor.remaining > MAX_HEAD_BYTES ? 'invalid' : result;
    if (head.isRequest !== fromClient) return 'invalid';
    if (head.length === 0) {
      if (cursor.remaining > MAX_HEAD_BYTES) return 'invalid';
      if (!cursor.cut) return 'more';
      unit.extent = 'until-resync';
    }
    unit.begins = fromClient ? 'request' : 'response';
    unit.fields = head.fields;
    unit.length = head.length === 0 ? cursor.remaining : head.length;
    if (fromClient) this.requestLength(unit);
    else this.responseLength(unit);
    return 'unit';
  }

  private requestLength(unit: Unit): void {
    const { head } = this;
    if (this.asked.length < MAX_REMEMBERED) this.asked.push(head.fields);
    if (head.upgrade !== '') this.upgrade = head.upgrade;
    if (unit.extent === 'until-resync') return;
    if (head.chunked) this.requestBody = 'chunked';
    else {
      unit.length += Math.max(head.contentLength, 0);
      unit.ends = true;
    }
  }

  /** RFC 9112, section 6.3, in its order. */
  private responseLength(unit: Unit): void {
    const { head } = this;
    const { statusCode } = head;
    unit.interim = statusCode < 200 && statusCode !== 101;
    const asked = unit.interim ? this.asked.first : this.asked.shift();
    const method = unit.interim ? undefined : asked?.method;
    if (asked?.endpoint !== undefined) head.fields.endpoint = asked.endpoint;
    if (unit.extent === 'until-resync') return;
    const tunnel = statusCode === 101 || (method === 'CONNECT' && statusCode < 300);
    const bodiless = statusCode < 200 || statusCode === 204 || statusCode === 304 || method === 'HEAD' || tunnel;
    if (bodiless) {
      unit.ends = true;
      if (statusCode === 101) this.switchProtocol(asked, unit);
      else unit.switches = tunnel;
    } else if (head.chunked) this.responseBody = 'chunked';
    else if (head.contentLength >= 0 && !head.otherCoding) {
      unit.length += head.contentLength;
      unit.ends = true;
    } else {
      unit.extent = 'until-close';
      unit.ends = true;
    }
  }

  private switchProtocol(request: MutableFields | undefined, unit: Unit): void {
    switch (this.head.upgrade || this.upgrade) {
      case 'websocket':
        unit.leaves = true;
        return;
      case 'h2c':
        // The answer comes on stream 1 of HTTP/2 (RFC 7540, section 3.2).
        unit.interim = true;
        if (request !== undefined) request.requestId = H2C_STREAM;
    }
    unit.switches = true;
  }

  private parseChunk(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const feed = cursor.find(LF, cursor.position + MAX_CHUNK_LINE);
    if (feed < 0) return cursor.remaining >= MAX_CHUNK_LINE ? 'invalid' : 'more';
    const size = chunkSize(cursor, feed);
    if (size < 0) return 'invalid';
    const line = feed + 1 - cursor.position;
    if (size > 0) {
      unit.length = line + size + 2;
      return 'unit';
    }
    const end = trailersEnd(cursor, feed + 1);
    if (end < 0) return cursor.remaining > MAX_TRAILER_BYTES ? 'invalid' : 'more';
    unit.length = end - cursor.position;
    unit.ends = true;
    if (fromClient) this.requestBody = 'none';
    else this.responseBody = 'none';
    return 'unit';
  }
}

/** Empty lines at the cursor, in bytes. */
function blankLines({ bytes, position, end }: Cursor): number {
  let at = position;
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at += 1;
  return at - position;
}

/** −1 when the line does not begin with a size of at most 13 digits. */
function chunkSize({ bytes, position }: Cursor, feed: number): number {
  let size = 0;
  let at = position;
  for (; at < feed; at += 1) {
    const digit = hexValue(bytes[at]!);
    if (digit < 0) break;
    if (at - position >= 13) return -1;
    size = size * 16 + digit;
  }
  const after = bytes[at]!;
  const endsSize = after === CR || after === LF || after === 0x3b || after === SPACE || after === 0x09;
  return at > position && endsSize ? size : -1;
}

/** Index after the empty line that ends the trailers, −1 when it is not there. */
function trailersEnd({ bytes, end }: Cursor, from: number): number {
  let lineStart = from;
  for (let at = from; at < end; at += 1) {
    if (bytes[at] !== LF) continue;
    if (at === lineStart || (at === lineStart + 1 && bytes[lineStart] === CR)) return at + 1;
    lineStart = at + 1;
  }
  return -1;
}
