import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { little } from '../little-endian';
import type { MutableFields, Outcome, Unit } from '../protocol-parser';
import { bodyLength, Command, HEADER_BYTES, lengthEncodedSize, MAX_PACKET, ServerStatus, zeroEnded } from './packets';
import { type ConnectionState, LOGIN, type PendingCommand } from './state';

/** Bytes of a packet that are waited for: enough for its numbers, and for the text of an error. */
const ENOUGH = 64;
const ENOUGH_OF_ERROR = 544;
const MAX_TEXT = 512;
const EOF_BYTES = 5;
const Head = { ok: 0x00, more: 0x01, localFile: 0xfb, eof: 0xfe, error: 0xff, greeting: 10 } as const;

/** The command was not seen: most are queries. */
const UNKNOWN: PendingCommand = { code: Command.query, endpoint: '' };

/** What the next packet of an open response is: its first, definitions of so many columns, or rows. */
type Stage = 'first' | 'columns' | 'rows' | 'definitions';

/** The server's side: which packets make the response to which command. */
export class ResponseReader {
  private fields: MutableFields | undefined = undefined;
  private command: PendingCommand = UNKNOWN;
  private stage: Stage = 'first';
  /** Definitions that are still to come at this stage. */
  private left = 0;
  /** EOF packets that end the definitions of a prepared statement. */
  private eofsLeft = 0;
  private continues = false;

  constructor(private readonly state: ConnectionState) {}

  resume(): void {
    this.fields = undefined;
    this.stage = 'first';
    this.continues = false;
  }

  /** A response has begun, and its end has not come. */
  get isOpen(): boolean {
    return this.fields !== undefined;
  }

  /** What follows of the response cannot be read. */
  makeUnknown(): void {
    if (this.fields !== undefined) this.fields.status = 'unknown';
  }

  parse(cursor: Cursor, unit: Unit): Outcome {
    const body = bodyLength(cursor);
    if (body < 0) return 'more';
    const length = HEADER_BYTES + body;
    const first = cursor.peek(HEADER_BYTES);
    const enough = first === Head.error || first === Head.greeting ? ENOUGH_OF_ERROR : ENOUGH;
    if (!cursor.cut && cursor.remaining < Math.min(length, enough)) return 'more';
    unit.length = length;
    if (this.continues) {
      this.continues = body === MAX_PACKET;
      return 'unit';
    }
    if (first < 0 && body > 0) return 'more';
    const start = cursor.position + HEADER_BYTES;
    const end = Math.min(cursor.end, cursor.position + length);
    const { pending } = this.state;
    if (this.fields === undefined) {
      if (pending.length === 0) {
        if (cursor.peek(3) === 0 && first === Head.greeting) return this.parseGreeting(cursor.bytes, start, end);
        // The EOF behind the definitions of a statement, where it was not known to come.
        if (first === Head.eof && body === EOF_BYTES) return 'unit';
      }
      this.command = pending[0] ?? UNKNOWN;
      this.fields = { status: 'ok' };
      if (this.command.endpoint !== '') this.fields.endpoint = this.command.endpoint;
      this.stage = this.command.code === Command.fetch ? 'rows' : 'first';
      unit.begins = 'response';
      unit.fields = this.fields;
    }
    if (body === MAX_PACKET) this.continues = true;
    this.readPacket(cursor.bytes, start, end, body, unit);
    return 'unit';
  }

  private parseGreeting(bytes: Uint8Array, start: number, end: number): Outcome {
    const version = zeroEnded(bytes, start + 1, end);
    const { state } = this;
    state.protocolVersion = '10';
    const at = version.next + 13;
    state.serverCapabilities = little(bytes, at, 2) + little(bytes, at + 5, 2) * 0x1_0000;
    return 'unit';
  }

  private readPacket(bytes: Uint8Array, start: number, end: number, body: number, unit: Unit): void {
    const head = bytes[start] ?? 0;
    if (head === Head.error && this.stage !== 'columns') {
      this.readError(bytes, start, end);
      this.end(unit);
      return;
    }
    switch (this.stage) {
      case 'first':
        this.readFirst(bytes, start, end, body, unit);
        break;
      case 'columns':
        this.left -= 1;
        if (this.left <= 0) this.stage = 'rows';
        break;
      case 'definitions':
        if (head === Head.eof && body === EOF_BYTES) this.eofsLeft -= 1;
        else this.left -= 1;
        if (this.left <= 0 && (this.eofsLeft <= 0 || this.state.withoutEof !== false)) this.end(unit);
        break;
      case 'rows':
        if (head === Head.eof && body < MAX_PACKET) this.readRowsEnd(bytes, start, end, body, unit);
    }
  }

  private readFirst(bytes: Uint8Array, start: number, end: number, body: number, unit: Unit): void {
    const head = bytes[start] ?? 0;
    const { code } = this.command;
    if (code === LOGIN || code === Command.changeUser) {
      // Anything but OK and ERR asks the client for more.
      if (head === Head.ok) this.end(unit);
      return;
    }
    if (code === Command.prepare && head === Head.ok) {
      this.readPrepared(bytes, start, unit);
      return;
    }
    if (code === Command.fieldList) {
      if (head === Head.eof) this.end(unit);
      return;
    }
    if (code === Command.statistics) this.end(unit);
    else if (code === Command.binlogDump || code === Command.binlogDumpGtid) {
      if (head === Head.eof) this.end(unit);
    } else if (head === Head.ok) {
      if ((okStatus(bytes, start, end) & ServerStatus.moreResults) === 0) this.end(unit);
    } else if (head === Head.eof && body < 9) this.end(unit);
    else if (head === Head.localFile) this.state.clientContinues = 'file';
    else if (head < Head.localFile || head === 0xfc) {
      this.left = head === 0xfc ? little(bytes, start + 1, 2) : head;
      this.stage = 'columns';
      // MariaDB's server leaves out definitions that the client has from before, and says so behind their number.
      const size = lengthEncodedSize(head);
      if (body === size + 1 && start + size < end && bytes[start + size] === 0) {
        this.left = 0;
        this.stage = 'rows';
      }
    } else this.end(unit);
  }

  private readPrepared(bytes: Uint8Array, start: number, unit: Unit): void {
    const { statement } = this.command;
    const columns = little(bytes, start + 5, 2);
    const parameters = little(bytes, start + 7, 2);
    if (statement !== undefined) this.state.prepared(little(bytes, start + 1, 4), { text: statement, parameters });
    this.left = columns + parameters;
    this.eofsLeft = (columns > 0 ? 1 : 0) + (parameters > 0 ? 1 : 0);
    this.stage = 'definitions';
    if (this.left === 0) this.end(unit);
  }

  /** An EOF, or an OK in its place. The first EOF only ends the columns. */
  private readRowsEnd(bytes: Uint8Array, start: number, end: number, body: number, unit: Unit): void {
    const isEof = body <= EOF_BYTES;
    const status = isEof ? little(bytes, start + 3, 2) : okStatus(bytes, start, end);
    if (isEof && this.left === 0 && this.command.code !== Command.fetch) {
      this.left = -1;
      // Rows of a cursor come when they are fetched.
      if ((status & ServerStatus.cursorExists) === 0) return;
    }
    this.stage = 'first';
    this.left = 0;
    if ((status & ServerStatus.moreResults) === 0) this.end(unit);
  }

  private readError(bytes: Uint8Array, start: number, end: number): void {
    const fields = this.fields!;
    fields.statusCode = little(bytes, start + 1, 2);
    fields.status = 'server_error';
    const at = start + (bytes[start + 3] === 0x23 ? 9 : 3);
    const text = decodeText(bytes, at, Math.min(end, at + MAX_TEXT));
    fields.exception = text === '' ? `ERROR ${fields.statusCode}` : text;
  }

  private end(unit: Unit): void {
    const { state } = this;
    if (this.command.code === LOGIN || this.command.code === Command.changeUser) {
      if (this.fields?.exception === undefined) state.loggedIn();
      state.clientContinues = 'no';
    }
    state.pending.shift();
    this.fields = undefined;
    this.stage = 'first';
    this.left = 0;
    unit.ends = true;
  }
}

/** Status flags of an OK packet, 0 when it is cut. */
function okStatus(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  for (let i = 0; i < 2 && at < end; i += 1) at += lengthEncodedSize(bytes[at]!);
  return at + 2 <= end ? little(bytes, at, 2) : 0;
}
