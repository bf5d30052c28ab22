import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { little } from '../little-endian';
import type { MutableFields, Outcome, Unit } from '../protocol-parser';
import { fillInParameters, MAX_SQL_TEXT, readSql } from '../sql';
import {
  bodyLength,
  Capability,
  Command,
  commandName,
  HEADER_BYTES,
  lengthEncodedSize,
  MAX_PACKET,
  statementStart,
  zeroEnded,
} from './packets';
import { readParameters } from './parameters';
import { type ConnectionState, LOGIN, type PreparedStatement } from './state';

/** Bytes of a packet that are waited for before it is read: enough for its text. */
const ENOUGH = MAX_SQL_TEXT + 64;
/** From the capabilities to the user's name. */
const LOGIN_HEAD = 32;
const ONE_WAY: ReadonlySet<number> = new Set([Command.quit, Command.sendLongData, Command.closeStatement]);

/** The client's side: login and commands. */
export class RequestReader {
  /** The packet before was of the greatest length: this one goes on with it. */
  private continues = false;

  constructor(private readonly state: ConnectionState) {}

  resume(): void {
    this.continues = false;
    this.state.clientContinues = 'no';
  }

  parse(cursor: Cursor, unit: Unit): Outcome {
    const { state } = this;
    const body = bodyLength(cursor);
    if (body < 0) return 'more';
    const length = HEADER_BYTES + body;
    if (!cursor.cut && cursor.remaining < Math.min(length, ENOUGH)) return 'more';
    const sequence = cursor.peek(3);
    unit.length = length;
    if (this.continues) {
      unit.ends = body < MAX_PACKET;
      this.continues = !unit.ends;
      return 'unit';
    }
    if (state.clientContinues !== 'no' && sequence !== 0) {
      // Part of no message: proof of identity, or lines of a file. An empty packet ends the file.
      if (state.clientContinues === 'file' && body === 0) state.clientContinues = 'no';
      return 'unit';
    }
    const start = cursor.position + HEADER_BYTES;
    const end = Math.min(cursor.end, cursor.position + length);
    if (body === 0 || (start >= end && cursor.cut)) return body === 0 ? 'invalid' : 'more';
    if (sequence !== 0) return this.parseLogin(cursor.bytes, start, end, unit);
    state.clientContinues = 'no';
    const outcome = this.parseCommand(cursor.bytes, start, end, unit);
    if (outcome === 'unit' && body === MAX_PACKET) {
      unit.ends = false;
      this.continues = true;
    }
    return outcome;
  }

  private parseLogin(bytes: Uint8Array, start: number, end: number, unit: Unit): Outcome {
    const { state } = this;
    const capabilities = little(bytes, start, 4);
    const { length } = unit;
    if ((capabilities & Capability.protocol41) === 0 || length < HEADER_BYTES + LOGIN_HEAD) return 'invalid';
    state.agree(capabilities);
    if (length === HEADER_BYTES + LOGIN_HEAD && (capabilities & Capability.ssl) !== 0) {
      unit.switches = true;
      return unit.whole('oneway', { method: 'SSL_REQUEST', endpoint: 'SSL_REQUEST', status: 'ok' }, length);
    }
    const user = zeroEnded(bytes, start + LOGIN_HEAD, end);
    let resource = `Login username: ${user.text}`;
    if ((capabilities & Capability.connectWithDatabase) !== 0) {
      const database = zeroEnded(bytes, afterProof(bytes, user.next, capabilities), end).text;
      if (database !== '') {
        state.database = database;
        resource += ` db: ${database}`;
      }
    }
    state.clientContinues = 'login';
    state.add({ code: LOGIN, endpoint: resource });
    return unit.whole('request', { ...state.newFields('LOGIN'), resource, endpoint: resource }, length);
  }

  private parseCommand(bytes: Uint8Array, start: number, end: number, unit: Unit): Outcome {
    const { state } = this;
    const code = bytes[start]!;
    const method = commandName(code);
    if (method === undefined) return 'invalid';
    const fields = state.newFields(method);
    const argument = start + 1;
    if (ONE_WAY.has(code)) {
      if (code === Command.closeStatement) state.closed(little(bytes, argument, 4));
      if (code === Command.sendLongData) state.longData(little(bytes, argument, 4), little(bytes, argument + 4, 2));
      fields.status = 'ok';
      return unit.whole('oneway', fields, unit.length);
    }
    let statement: string | undefined;
    let prepared: PreparedStatement | undefined;
    switch (code) {
      case Command.query:
      case Command.prepare: {
        const from = code === Command.query ? statementStart(bytes, argument, end) : argument;
        statement = decodeText(bytes, from, Math.min(end, from + MAX_SQL_TEXT));
        break;
      }
      case Command.execute:
      case Command.bulkExecute:
      case Command.fetch:
        prepared = state.statement(little(bytes, argument, 4));
        statement = prepared?.text;
        break;
      case Command.initDb:
        fields.resource = decodeText(bytes, argument, end);
        state.database = fields.resource;
        break;
      case Command.fieldList:
        fields.resource = zeroEnded(bytes, argument, end).text;
        break;
      case Command.changeUser:
        state.clientContinues = 'login';
        fields.resource = `Login username: ${zeroEnded(bytes, argument, end).text}`;
    }
    if (statement !== undefined) {
      readSql(statement, fields, 'mysql');
      fields.method = method;
      if (prepared !== undefined && code === Command.execute) this.fillIn(prepared, bytes, start, end, fields);
    }
    state.add({
      code,
      endpoint: fields.endpoint ?? method,
      ...(code === Command.prepare && statement !== undefined && { statement }),
    });
    return unit.whole('request', fields, unit.length);
  }

  /** The statement with the values that it runs with. */
  private fillIn(
    prepared: PreparedStatement,
    bytes: Uint8Array,
    start: number,
    end: number,
    fields: MutableFields,
  ): void {
    const { text, parameters, types, longData } = prepared;
    const hasAttributes = (this.state.capabilities & Capability.queryAttributes) !== 0;
    const read = readParameters(bytes, start, end, parameters, types, hasAttributes, longData);
    prepared.longData = undefined;
    if (read === undefined) return;
    prepared.types = read.types;
    fields.resource = fillInParameters(text, read.values);
  }
}

/** Behind the proof of identity that follows the user's name. */
function afterProof(bytes: Uint8Array, at: number, capabilities: number): number {
  const first = bytes[at] ?? 0;
  if ((capabilities & Capability.lengthEncodedAuth) === 0) return at + 1 + first;
  const size = lengthEncodedSize(first);
  return at + size + (size === 1 ? first : little(bytes, at + 1, Math.min(size - 1, 4)));
}
