import { ByteQueue } from '../../format/byte-queue';
import { decodeJsonTraces } from './decode-json';
import type { OtlpPiece, OtlpReader } from './otlp-piece';

/** One message must be in memory whole. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, NEWLINE] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x0a];
const NOT_OTLP = 'it is no OTLP JSON';
const utf8 = new TextDecoder();

/**
 * Objects that stand one behind the other, on a line each or over many. States: between objects, where everything up to the
 * next brace is skipped → within one, counting brackets outside of texts → decoded. Where that does not make JSON, the lines
 * of the stretch are tried one by one, so that a broken line costs no more than itself.
 */
export class JsonReader implements OtlpReader {
  private readonly queue = new ByteQueue();
  /** Bytes of the queue that were looked at. */
  private scanned = 0;
  private depth = 0;
  private inText = false;
  private escaped = false;

  *push(chunk: Uint8Array): Generator<OtlpPiece> {
    const { queue } = this;
    queue.append(chunk);
    for (let found = this.scan(); found !== undefined; found = this.scan()) yield* this.take(found, false);
    if (queue.length > MAX_MESSAGE_BYTES) {
      const from = queue.position;
      const to = from + queue.length;
      this.drop(queue.length);
      yield { kind: 'bad', from, to, cut: false, detail: 'a message is larger than 256 MiB' };
    }
  }

  *end(): Generator<OtlpPiece> {
    if (this.queue.length > 0) yield* this.take(this.queue.length, true);
  }

  /** Length of the object that the queue begins with, once all of it is there. */
  private scan(): number | undefined {
    const { queue } = this;
    const bytes = queue.peek(0, queue.length);
    let at = this.scanned;
    if (this.depth === 0) {
      while (at < bytes.length && bytes[at] !== OPEN) at++;
      this.drop(at);
      if (at === bytes.length) return undefined;
      return this.scanObject(bytes.subarray(at), 0);
    }
    return this.scanObject(bytes, at);
  }

  private scanObject(bytes: Uint8Array, start: number): number | undefined {
    let { depth, inText, escaped } = this;
    let at = start;
    while (at < bytes.length) {
      const byte = bytes[at++]!;
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN || byte === OPEN_LIST) depth++;
      else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) break;
    }
    const complete = depth === 0 && at > 0;
    this.depth = depth;
    this.inText = inText;
    this.escaped = escaped;
    this.scanned = at;
    return complete ? at : undefined;
  }

  private *take(length: number, ended: boolean): Generator<OtlpPiece> {
    const from = this.queue.position;
    const bytes = this.queue.peek(0, length);
    this.drop(length);
    const batch = decode(bytes);
    if (batch !== undefined) yield { kind: 'batch', batch, from, to: from + length };
    else yield* byLine(bytes, from, ended);
  }

  private drop(count: number): void {
    this.queue.drop(count);
    this.scanned = 0;
    this.depth = 0;
    this.inText = false;
    this.escaped = false;
  }
}

/** The lines of a stretch that is no JSON as a whole; neighbours that cannot be read are one piece. */
function* byLine(bytes: Uint8Array, offset: number, ended: boolean): Generator<OtlpPiece> {
  let badFrom: number | undefined;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    const batch = end - start < bytes.length ? decode(bytes.subarray(start, end)) : undefined;
    if (batch !== undefined) {
      if (badFrom !== undefined) yield bad(offset + badFrom, offset + start, false);
      badFrom = undefined;
      yield { kind: 'batch', batch, from: offset + start, to: offset + end };
    } else badFrom ??= start;
    start = end;
  }
  if (badFrom !== undefined) yield bad(offset + badFrom, offset + bytes.length, ended);
}

function bad(from: number, to: number, cut: boolean): OtlpPiece {
  return { kind: 'bad', from, to, cut, detail: NOT_OTLP };
}

function decode(bytes: Uint8Array) {
  try {
    return decodeJsonTraces(JSON.parse(utf8.decode(bytes)));
  } catch {
    return undefined;
  }
}
