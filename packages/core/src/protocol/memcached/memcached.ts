import { CR, LF } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type { ConnectionParser, Inference, InferenceContext, Outcome, ProtocolParser, Unit } from '../protocol-parser';
import { BINARY_HEADER, BinaryReader, isBinaryHead, Magic } from './binary';
import { TEXT_REQUEST, TEXT_RESPONSE, TextReader } from './text';

/** Memcached over TCP: text, meta and binary protocol (https://docs.memcached.org/protocols/); the first byte tells which. */
export const memcached: ProtocolParser = {
  protocol: 'memcached',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  open: () => new MemcachedConnection(),
};

const MAX_LINE = 2048;
/** Enough of a line to say that it is none of Memcached's. */
const TELLING = 12;

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  const first = cursor.peek();
  if (first === Magic.request || first === Magic.response) return inferBinary(cursor, context);
  const lower = first >= 0x61 && first <= 0x76;
  const upper = first >= 0x43 && first <= 0x56;
  if ((!lower || context.fromClient === false) && (!upper || context.fromClient === true)) return 'no';
  const feed = cursor.find(LF, position + MAX_LINE);
  if (feed < 0) {
    const head = decodeText(bytes, position, Math.min(end, position + TELLING));
    const pattern = lower ? REQUEST_HEAD : RESPONSE_HEAD;
    return !cursor.cut && end - position < MAX_LINE && pattern.test(head) ? 'more' : 'no';
  }
  if (bytes[feed - 1] !== CR) return 'no';
  const line = decodeText(bytes, position, feed - 1);
  if (lower) return TEXT_REQUEST.test(line) ? 'request' : 'no';
  return TEXT_RESPONSE.test(line) ? 'response' : 'no';
}

/** A beginning of a line that may still become one of Memcached's. */
const REQUEST_HEAD =
  /^(?:[a-z_]{1,11}\r?|(?:set|add|replace|append|prepend|cas|gets?|gats?|delete|incr|decr|touch|stats|flush_all|version|verbosity|m[gsdan]) .*)$/;
const RESPONSE_HEAD = /^(?:[A-Z_]{1,12}\r?|(?:VALUE|STAT|VERSION|CLIENT_ERROR|SERVER_ERROR|VA) .*)$/;

function inferBinary(cursor: Cursor, context: InferenceContext): Inference {
  const isRequest = cursor.peek() === Magic.request;
  if (context.fromClient !== undefined && context.fromClient !== isRequest) return 'no';
  if (cursor.remaining < BINARY_HEADER) return cursor.cut || cursor.peek(5) > 0 ? 'no' : 'more';
  if (!isBinaryHead(cursor)) return 'no';
  // A status is small, and no server has more than a few thousand vbuckets.
  return cursor.peek(6) > 3 ? 'no' : isRequest ? 'request' : 'response';
}

class MemcachedConnection implements ConnectionParser {
  private readonly text = new TextReader();
  private readonly binary = new BinaryReader();

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    return (cursor.peek() >= Magic.request ? this.binary : this.text).parse(cursor, fromClient, unit);
  }

  resume(fromClient: boolean): void {
    this.text.resume(fromClient);
    this.binary.resume(fromClient);
  }
}
