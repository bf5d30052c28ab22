import type { Cursor } from '../../base/cursor';
import type { MutableFields, Outcome, Unit } from '../protocol-parser';
import { cString, frameLength, HEADER_BYTES, letter } from './frames';
import type { OutstandingRequests } from './outstanding';
import type { RequestReader } from './requests';
import { conditionName, statusOfSqlstate } from './sqlstate';

/** Bytes of an error or notification that are waited for: enough for its code and text. */
const ENOUGH = 1024;
const MAX_TEXT = 512;
/** Authentication requests that are settled without a reply of the client: Ok and SASLFinal. */
const SETTLED_AUTHENTICATION: ReadonlySet<number> = new Set([0, 12]);

/** The server's side: which frames make the response to which request. */
export class ResponseReader {
  /** Of the response that is open. */
  private fields: MutableFields | undefined = undefined;
  private failed = false;

  constructor(
    private readonly outstanding: OutstandingRequests,
    private readonly requests: RequestReader,
  ) {}

  resume(): void {
    this.fields = undefined;
    this.failed = false;
  }

  parse(cursor: Cursor, unit: Unit): Outcome {
    if (this.requests.encryptionAsked) return this.parseEncryption(cursor, unit);
    const start = cursor.position;
    const { end } = cursor;
    const type = cursor.peek();
    const length = frameLength(cursor, false);
    if (length < 0) return 'invalid';
    const read = type === letter('E') || type === letter('A') || type === letter('R') || type === letter('Z');
    if (length === 0 || (read && !cursor.cut && cursor.remaining < Math.min(length, ENOUGH))) return 'more';
    unit.length = length;
    cursor.end = Math.min(end, start + length);
    cursor.position = start + HEADER_BYTES;
    if (this.fields === undefined && this.isAsynchronous(type)) return this.parseAsynchronous(type, cursor, unit);
    this.begin(unit);
    switch (type) {
      case letter('Z'):
        this.end(unit, this.outstanding.settleBatch());
        break;
      case letter('E'):
        this.readError(cursor, unit);
        break;
      case letter('C'):
      case letter('I'):
      case letter('s'):
        // Several statements ahead of one Sync: each one's last frame ends its response.
        if (!this.failed && this.outstanding.first?.sync === false) this.endFirst(unit);
        break;
      case letter('R'):
        if (!SETTLED_AUTHENTICATION.has(cursor.u32())) this.endFirst(unit);
        break;
      case letter('D'):
      case letter('d'):
        cursor.end = end;
        cursor.position = start;
        passRows(cursor, type, unit);
    }
    return 'unit';
  }

  /** `S` = yes: TLS or GSSAPI follows. `N` or `G` likewise, in one byte. */
  private parseEncryption(cursor: Cursor, unit: Unit): Outcome {
    const answer = cursor.peek();
    this.requests.encryptionAsked = false;
    // A very old or unwilling server answers with an error frame.
    if (answer === letter('E')) return this.parse(cursor, unit);
    if (answer !== letter('S') && answer !== letter('N') && answer !== letter('G')) return 'invalid';
    this.outstanding.settleFirst();
    unit.switches = answer !== letter('N');
    return unit.whole('response', { status: 'ok' }, 1);
  }

  /** What a server may send while nothing is asked. */
  private isAsynchronous(type: number): boolean {
    if (type === letter('A')) return true;
    const idle = this.outstanding.first === undefined;
    return idle && (type === letter('N') || type === letter('S') || type === letter('Z'));
  }

  private parseAsynchronous(type: number, cursor: Cursor, unit: Unit): Outcome {
    if (type !== letter('A')) return 'unit';
    cursor.u32();
    const channel = cString(cursor, MAX_TEXT);
    return unit.whole('oneway', { method: 'NOTIFY', resource: channel, endpoint: channel, status: 'ok' }, unit.length);
  }

  private begin(unit: Unit): void {
    if (this.fields !== undefined) return;
    this.fields = { status: 'ok' };
    this.failed = false;
    unit.begins = 'response';
    unit.fields = this.fields;
  }

  /** `settled` requests are answered by this response, or refused along with the first of them. */
  private end(unit: Unit, settled: number): void {
    this.fields = undefined;
    this.failed = false;
    unit.ends = true;
    unit.refuses = Math.max(settled - 1, 0);
  }

  private endFirst(unit: Unit): void {
    this.outstanding.settleFirst();
    this.end(unit, 1);
  }

  /** Pairs of a letter and a text: S severity, C SQLSTATE, M message. */
  private readError(cursor: Cursor, unit: Unit): void {
    let severity = '';
    let code = '';
    let message = '';
    while (cursor.remaining > 0) {
      const field = cursor.u8();
      if (field === 0) break;
      const text = cString(cursor, MAX_TEXT);
      if (field === letter('V') || (field === letter('S') && severity === '')) severity = text;
      else if (field === letter('C')) code = text;
      else if (field === letter('M')) message = text;
    }
    const fields = this.fields!;
    this.failed = true;
    if (code !== '') fields.statusCode = code;
    fields.status = statusOfSqlstate(code);
    fields.exception = conditionName(code) ?? (message === '' ? code : message);
    const login = this.outstanding.first?.login === true;
    if (login || severity === 'FATAL' || severity === 'PANIC') this.endFirst(unit);
  }
}

/** Takes the rows that follow, whole ones, into the same unit: they say nothing that is read. */
function passRows(cursor: Cursor, type: number, unit: Unit): void {
  const start = cursor.position;
  let end = start + unit.length;
  while (end + HEADER_BYTES <= cursor.end && cursor.bytes[end] === type) {
    cursor.position = end;
    const length = frameLength(cursor, false);
    if (length <= 0 || end + length > cursor.end) break;
    end += length;
  }
  unit.length = end - start;
}
