import type { Cursor } from '../../base/cursor';
import type { MutableFields, Outcome, Unit } from '../protocol-parser';
import { MAX_SQL_TEXT, readSql } from '../sql';
import { cString, frameLength, HEADER_BYTES, letter, StartupCode } from './frames';
import type { Outstanding, OutstandingRequests } from './outstanding';

const MAX_STARTUP_BYTES = 10_000;
const MAX_NAME = 64;
/** Prepared statements and portals whose text is remembered for one connection. */
const MAX_STATEMENTS = 1024;
/** Bytes of a frame that are waited for before it is read: enough for its text. */
const ENOUGH = MAX_SQL_TEXT + 2 * MAX_NAME;

/** An extended query that is being put together: Parse, Bind, Describe, Execute … up to its Sync. */
interface Round {
  readonly fields: MutableFields;
  readonly request: Outstanding;
  executes: boolean;
}

/** The client's side: which frames make a request, and what it asks for. */
export class RequestReader {
  /** The server answers the next byte alone: yes or no to encryption. */
  encryptionAsked = false;
  private round: Round | undefined = undefined;
  private readonly statements = new Map<string, string>();
  private readonly portals = new Map<string, string>();
  private database: string | undefined = undefined;

  constructor(private readonly outstanding: OutstandingRequests) {}

  resume(): void {
    this.round = undefined;
  }

  parse(cursor: Cursor, unit: Unit): Outcome {
    if (cursor.peek() === 0) return this.parseStartup(cursor, unit);
    const start = cursor.position;
    const length = frameLength(cursor, true);
    if (length < 0) return 'invalid';
    if (length === 0 || (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH))) return 'more';
    cursor.end = Math.min(cursor.end, start + length);
    cursor.position = start + HEADER_BYTES;
    unit.length = length;
    const type = cursor.bytes[start]!;
    switch (type) {
      case letter('Q'): {
        this.endRound(unit);
        const fields = this.newFields();
        readSql(cString(cursor, MAX_SQL_TEXT), fields);
        this.outstanding.add(false, true);
        return unit.whole('request', fields, length);
      }
      case letter('F'):
        this.endRound(unit);
        this.outstanding.add(false, true);
        return unit.whole('request', { ...this.newFields(), method: 'FUNCTION CALL' }, length);
      case letter('p'):
        this.endRound(unit);
        this.outstanding.add(true, false);
        return unit.whole('request', { ...this.newFields(), method: 'AUTHENTICATE', endpoint: 'AUTHENTICATE' }, length);
      case letter('X'):
        this.endRound(unit);
        return unit.whole('oneway', { ...this.newFields(), method: 'TERMINATE', endpoint: 'TERMINATE' }, length);
      case letter('d'):
      case letter('c'):
      case letter('f'):
        // Data of a COPY that was asked for earlier: part of no message.
        return 'unit';
      default:
        return this.parseExtended(type, cursor, unit);
    }
  }

  private parseStartup(cursor: Cursor, unit: Unit): Outcome {
    const available = cursor.remaining;
    const length = cursor.u32();
    const code = cursor.u32();
    if (cursor.overrun) return 'more';
    if (length < 8 || length > MAX_STARTUP_BYTES) return 'invalid';
    if (!cursor.cut && available < length) return 'more';
    cursor.end = Math.min(cursor.end, cursor.position - 8 + length);
    if (code === StartupCode.cancel) return unit.whole('oneway', { method: 'CANCEL', endpoint: 'CANCEL' }, length);
    if (code === StartupCode.ssl || code === StartupCode.gss) {
      this.encryptionAsked = true;
      this.outstanding.add(true, false);
      const method = code === StartupCode.ssl ? 'SSL REQUEST' : 'GSSENC REQUEST';
      return unit.whole('request', { method, endpoint: method }, length);
    }
    if (code < StartupCode.version3 || code > StartupCode.version3Last) return 'invalid';
    let user: string | undefined;
    while (cursor.remaining > 1 && !cursor.overrun) {
      const name = cString(cursor, MAX_NAME);
      const value = cString(cursor, MAX_NAME);
      if (name === 'user') user = value;
      if (name === 'database') this.database = value;
    }
    // The database is named like the user when none is given.
    this.database ??= user;
    const fields = {
      ...this.newFields(),
      version: `3.${code - StartupCode.version3}`,
      method: 'STARTUP',
      endpoint: 'STARTUP',
    };
    this.outstanding.add(true, false);
    return unit.whole('request', fields, length);
  }

  /** One span for each round: it ends with Sync, or before the next statement when several are sent ahead of one Sync. */
  private parseExtended(type: number, cursor: Cursor, unit: Unit): Outcome {
    if (this.round?.executes === true && (type === letter('P') || type === letter('B'))) this.endRound(unit);
    let { round } = this;
    if (round === undefined) {
      round = { fields: this.newFields(), request: this.outstanding.add(false), executes: false };
      this.round = round;
      unit.begins = 'request';
      unit.fields = round.fields;
    }
    this.readExtended(type, cursor, round);
    if (type === letter('S')) {
      round.request.sync = true;
      this.round = undefined;
      unit.ends = true;
    }
    return 'unit';
  }

  private readExtended(type: number, cursor: Cursor, round: Round): void {
    const { fields } = round;
    switch (type) {
      case letter('P'): {
        const name = cString(cursor, MAX_NAME);
        const sql = cString(cursor, MAX_SQL_TEXT);
        remember(this.statements, name, sql);
        if (round.executes) return;
        readSql(sql, fields);
        return;
      }
      case letter('B'): {
        const portal = cString(cursor, MAX_NAME);
        const sql = this.statements.get(cString(cursor, MAX_NAME));
        if (cursor.overrun && cursor.cut) return;
        if (sql === undefined) {
          this.portals.delete(portal);
          fields.method ??= 'EXECUTE';
          return;
        }
        remember(this.portals, portal, sql);
        readSql(sql, fields);
        return;
      }
      case letter('E'): {
        round.executes = true;
        const sql = this.portals.get(cString(cursor, MAX_NAME));
        if (fields.resource === undefined && sql !== undefined) readSql(sql, fields);
        fields.method ??= 'EXECUTE';
        return;
      }
      case letter('D'):
        fields.method ??= 'DESCRIBE';
        return;
      case letter('C'):
        fields.method ??= 'CLOSE';
        return;
      case letter('S'):
        fields.method ??= 'SYNC';
        return;
    }
  }

  /** The round, if one is open, ended with the frame before this one and has no Sync of its own. */
  private endRound(unit: Unit): void {
    if (this.round === undefined) return;
    this.round.request.sync = false;
    this.round = undefined;
    unit.endsPrevious = true;
  }

  private newFields(): MutableFields {
    return this.database === undefined ? {} : { domain: this.database };
  }
}

function remember(texts: Map<string, string>, name: string, sql: string): void {
  if (texts.size >= MAX_STATEMENTS && !texts.has(name)) {
    const [oldest] = texts.keys();
    if (oldest !== undefined) texts.delete(oldest);
  }
  texts.set(name, sql);
}
