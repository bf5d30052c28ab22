import { CR, decimal, LF } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import type {
  ConnectionParser,
  Inference,
  InferenceContext,
  MutableFields,
  Outcome,
  ProtocolParser,
  Unit,
} from '../protocol-parser';
import { addQueueNames, contentName, DIGESTED } from '../queue-names';
import { readTraceHeader, TRACE_HEADERS } from '../trace-context';

/**
 * NATS client protocol: https://docs.nats.io/reference/reference-protocols/nats-protocol. Names in any case, parts
 * separated by spaces or tabs. The server speaks first.
 *
 *   server = INFO json CRLF / MSG subject sid [reply] size CRLF payload CRLF
 *          / HMSG subject sid [reply] header-size size CRLF headers payload CRLF / +OK CRLF / -ERR 'text' CRLF / PING / PONG
 *   client = CONNECT json CRLF / PUB subject [reply] size CRLF payload CRLF
 *          / HPUB subject [reply] header-size size CRLF headers payload CRLF
 *          / SUB subject [group] sid CRLF / UNSUB sid [count] CRLF / PING / PONG
 *   headers = "NATS/1.0" [ SP status [ SP text ] ] CRLF *( name ":" value CRLF ) CRLF
 */
const MAX_LINE = 65_536;
/** The server's greatest payload is 64 MiB. */
const MAX_PAYLOAD = 64 * 1024 * 1024;
const MAX_HEADERS = 16_384;
const TLS_HANDSHAKE = 0x16;
const INBOX = '_INBOX.';
/** https://docs.nats.io/nats-concepts/jetstream/headers */
const MESSAGE_ID = 'nats-msg-id';

const CLIENT_LINE =
  /^(?:CONNECT[ \t]+\{.*|PUB[ \t]+[!-~]+(?:[ \t]+[!-~]+)?[ \t]+\d+|HPUB[ \t]+[!-~]+(?:[ \t]+[!-~]+)?[ \t]+\d+[ \t]+\d+|SUB[ \t]+[!-~]+(?:[ \t]+[!-~]+)?[ \t]+[\w-]+|UNSUB[ \t]+[\w-]+(?:[ \t]+\d+)?)$/i;
const SERVER_LINE =
  /^(?:INFO[ \t]+\{.*|MSG[ \t]+[!-~]+[ \t]+[\w-]+(?:[ \t]+[!-~]+)?[ \t]+\d+|HMSG[ \t]+[!-~]+[ \t]+[\w-]+(?:[ \t]+[!-~]+)?[ \t]+\d+[ \t]+\d+|-ERR[ \t]+'.*')$/i;
const FIRST_LETTERS: ReadonlySet<number> = new Set(Array.from('cChHpPsSuUiImM-', (letter) => letter.charCodeAt(0)));

export const nats: ProtocolParser = {
  protocol: 'nats',
  transports: ['tcp'],
  pairing: 'id',
  infer,
  skipToStart,
  open: () => new NatsConnection(),
};

/** Many messages go in one call, and each of them, whatever it carries, ends a line. */
function skipToStart(cursor: Cursor): boolean {
  for (let feed = cursor.find(LF); feed >= 0; feed = cursor.find(LF)) {
    cursor.position = feed + 1;
    if (cursor.bytes[feed - 1] === CR) return cursor.position < cursor.end;
  }
  return false;
}

function infer(cursor: Cursor, context: InferenceContext): Inference {
  const { bytes, position, end } = cursor;
  if (!FIRST_LETTERS.has(cursor.peek())) return 'no';
  const word = decodeText(bytes, position, Math.min(end, position + 9)).toUpperCase();
  const known = ['CONNECT {', 'PUB ', 'HPUB ', 'SUB ', 'UNSUB ', 'INFO {', 'MSG ', 'HMSG ', "-ERR '"];
  const opening = known.find((each) => word.startsWith(each) || each.startsWith(word));
  if (opening === undefined) return 'no';
  const feed = cursor.find(LF, position + MAX_LINE);
  const client = context.fromClient !== false;
  const server = context.fromClient !== true;
  if (feed < 0) {
    if (word.length < opening.length || !opening.endsWith('{')) return cursor.cut ? 'no' : 'more';
    return opening.startsWith('INFO') ? (server ? 'response' : 'no') : client ? 'request' : 'no';
  }
  if (bytes[feed - 1] !== CR) return 'no';
  const line = decodeText(bytes, position, feed - 1);
  if (client && CLIENT_LINE.test(line)) return 'request';
  return server && SERVER_LINE.test(line) ? 'response' : 'no';
}

class NatsConnection implements ConnectionParser {
  private greeted = false;
  private connected = false;
  private tls = false;
  private version: string | undefined = undefined;
  /** Pings sent and answered, by the client and by the server. */
  private readonly pings = { client: 0, server: 0 };
  private readonly pongs = { client: 0, server: 0 };

  resume(): void {
    // What was lost may have held pings and pongs: none waits any more.
    this.pongs.server = this.pings.client;
    this.pongs.client = this.pings.server;
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (this.tls && fromClient && cursor.peek() === TLS_HANDSHAKE) return 'unsupported';
    const feed = cursor.find(LF, position + MAX_LINE);
    if (feed < 0) return cursor.remaining >= MAX_LINE ? 'invalid' : 'more';
    const line = decodeText(bytes, position, feed).trim();
    const next = feed + 1;
    unit.length = next - position;
    if (line === '') return 'unit';
    const words = line.split(/[ \t]+/);
    const verb = words[0]!.toUpperCase();
    const fields: MutableFields = { method: verb, endpoint: verb };
    if (this.version !== undefined) fields.version = this.version;
    switch (verb) {
      case 'PING':
      case 'PONG':
        return this.heartbeat(verb, fromClient, fields, unit);
      case 'PUB':
      case 'HPUB':
      case 'MSG':
      case 'HMSG':
        if (fromClient !== verb.endsWith('PUB')) return 'invalid';
        return this.payload(verb, words, cursor, next, fields, unit);
      case 'SUB':
      case 'UNSUB':
        if (!fromClient || words.length < 2) return 'invalid';
        fields.status = 'ok';
        if (verb === 'SUB') setSubject(fields, words[1]!);
        else fields.resource = words[1]!;
        return unit.whole('oneway', fields, unit.length);
      case 'CONNECT':
        return fromClient ? this.connect(fields, unit) : 'invalid';
      case 'INFO':
        return fromClient ? 'invalid' : this.info(line, fields, unit);
      case '+OK':
        fields.method = 'OK';
        fields.endpoint = 'OK';
        fields.status = 'ok';
        fields.heartbeat = true;
        return fromClient ? 'invalid' : unit.whole('oneway', fields, unit.length);
      case '-ERR': {
        const text = line.slice(4).trim().replace(/^'|'$/g, '');
        Object.assign(fields, { method: 'ERR', endpoint: 'ERR', status: errorStatus(text), exception: text });
        return fromClient ? 'invalid' : unit.whole('oneway', fields, unit.length);
      }
      default:
        return 'invalid';
    }
  }

  private info(line: string, fields: MutableFields, unit: Unit): Outcome {
    this.version ??= /"version"\s*:\s*"([^"]{1,40})"/.exec(line)?.[1];
    if (this.version !== undefined) fields.version = this.version;
    this.tls ||= /"tls_(?:required|available)"\s*:\s*true/.test(line);
    // Sent again whenever the cluster changes; the first one asks for a CONNECT.
    const again = this.greeted || this.connected;
    this.greeted = true;
    fields.pairingKey = 0;
    return unit.whole(again ? 'oneway' : 'request', fields, unit.length);
  }

  private connect(fields: MutableFields, unit: Unit): Outcome {
    this.connected = true;
    fields.pairingKey = 0;
    fields.status = 'ok';
    return unit.whole('response', fields, unit.length);
  }

  /** Either side asks; its pings count from 1, the server's downwards. */
  private heartbeat(verb: 'PING' | 'PONG', fromClient: boolean, fields: MutableFields, unit: Unit): Outcome {
    fields.heartbeat = true;
    fields.status = 'ok';
    if (verb === 'PING') {
      const count = ++this.pings[fromClient ? 'client' : 'server'];
      fields.pairingKey = fromClient ? count : -count;
      return unit.whole('request', fields, unit.length);
    }
    const count = ++this.pongs[fromClient ? 'client' : 'server'];
    fields.pairingKey = fromClient ? -count : count;
    return unit.whole('response', fields, unit.length);
  }

  private payload(
    verb: string,
    words: readonly string[],
    cursor: Cursor,
    next: number,
    fields: MutableFields,
    unit: Unit,
  ): Outcome {
    const hasHeaders = verb.startsWith('H');
    const fewest = (hasHeaders ? 4 : 3) + (verb.endsWith('MSG') ? 1 : 0);
    const size = decimal(words.at(-1));
    if (words.length < fewest || words.length > fewest + 1 || !(size >= 0 && size <= MAX_PAYLOAD)) return 'invalid';
    const headers = hasHeaders ? decimal(words.at(-2)) : 0;
    if (!(headers >= 0 && headers <= size)) return 'invalid';
    const wanted = Math.min(headers, MAX_HEADERS) + Math.min(size - headers, DIGESTED);
    if (!cursor.cut && cursor.end - next < wanted) return 'more';
    const id = hasHeaders
      ? readHeaders(decodeText(cursor.bytes, next, Math.min(cursor.end, next + headers, next + MAX_HEADERS)), fields)
      : undefined;
    const subject = words[1]!;
    setSubject(fields, subject);
    const reply = words.length > fewest ? words.at(hasHeaders ? -3 : -2)! : '';
    addQueueNames(fields, verb.endsWith('PUB') ? 'publish' : 'deliver', [
      id === undefined ? undefined : { basis: 'id', value: `nats ${subject} ${id}` },
      // An inbox is made for one answer, so it names the question as well.
      reply.startsWith(INBOX) ? { basis: 'id', value: `nats ${subject} ${reply}` } : undefined,
      headers > MAX_HEADERS
        ? undefined
        : contentName(`nats ${subject}`, size - headers, cursor.bytes, next + headers, cursor.end),
    ]);
    fields.status ??= 'ok';
    return unit.whole('oneway', fields, unit.length + size + 2);
  }
}

/** Endpoint is the subject's first part: the rest often holds ids. */
function setSubject(fields: MutableFields, subject: string): void {
  fields.resource = subject;
  fields.endpoint = subject.split('.', 1)[0]!;
}

/** Says the id that the publisher gave the message, if it did. */
function readHeaders(text: string, fields: MutableFields): string | undefined {
  let id: string | undefined;
  const lines = text.split('\r\n');
  const status = /^NATS\/1\.0 +(\d{3})(?: +(.*))?$/.exec(lines[0]!);
  if (status !== null) {
    fields.statusCode = Number(status[1]);
    fields.status = status[1]! >= '500' ? 'server_error' : status[1]! >= '400' ? 'client_error' : 'ok';
    if (fields.status !== 'ok') fields.exception = status[2] ?? status[1]!;
  }
  for (let i = 1; i < lines.length; i += 1) {
    const colon = lines[i]!.indexOf(':');
    if (colon <= 0) continue;
    const name = lines[i]!.slice(0, colon).toLowerCase();
    if (name === MESSAGE_ID) id = lines[i]!.slice(colon + 1).trim();
    const header = TRACE_HEADERS.find((known) => known === name);
    if (header !== undefined) readTraceHeader(header, lines[i]!.slice(colon + 1).trim(), fields);
  }
  return id === '' ? undefined : id;
}

/** The server's own troubles; all others were brought about by the client. */
function errorStatus(text: string): 'server_error' | 'client_error' {
  return /stale connection|maximum connections|slow consumer|server shutdown/i.test(text)
    ? 'server_error'
    : 'client_error';
}
