import type { Cursor } from '../base/cursor';
import type { MessageFields, MessageStatus } from '../message/message';
import type { ConnectionParser, Inference, MutableFields, Outcome, ProtocolParser, Unit } from './protocol-parser';

const INFERENCES: readonly unknown[] = ['no', 'more', 'request', 'response'] satisfies Inference[];
const OUTCOMES: readonly unknown[] = ['unit', 'more', 'invalid', 'unsupported'] satisfies Outcome[];
const EXTENTS: readonly unknown[] = ['known', 'until-close', 'until-resync'] satisfies Unit['extent'][];
const TYPES: readonly unknown[] = [undefined, 'request', 'response', 'oneway'] satisfies Unit['begins'][];
const STATUSES: readonly unknown[] = [undefined, 'ok', 'client_error', 'server_error', 'unknown'] satisfies (
  | MessageStatus
  | undefined
)[];
const STRING_FIELDS = [
  'version',
  'method',
  'resource',
  'endpoint',
  'domain',
  'exception',
  'spanId',
  'parentSpanId',
  'traceState',
  'xRequestId',
] as const satisfies (keyof MessageFields)[];
const NUMBER_FIELDS = ['requestId', 'pairingKey'] as const satisfies (keyof MessageFields)[];

/**
 * A user's own parser, kept from harming the rest: when it throws, or answers what no parser may, that is told, another
 * parser is asked (`infer`) or the connection is left alone (all else).
 */
export function guarded(parser: ProtocolParser, onError: (error: unknown) => void): ProtocolParser {
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      onError(error);
      return otherwise;
    }
  };
  return {
    protocol: parser.protocol,
    transports: parser.transports,
    pairing: parser.pairing,
    ...(parser.opaque === true && { opaque: true }),
    infer: (cursor, context) =>
      attempt(() => one(INFERENCES, parser.infer(cursor, context), 'infer answered'), 'no' as const),
    open: (transport) => {
      const connection = attempt(() => parser.open(transport), undefined);
      return connection === undefined ? LEFT_ALONE : new GuardedConnection(connection, attempt);
    },
  };
}

/** The connection of a parser that could not open it. */
const LEFT_ALONE: ConnectionParser = { parse: () => 'unsupported', resume: () => undefined };

class GuardedConnection implements ConnectionParser {
  private failed = false;
  /** Of the message begun last: the parser may still be filling them in. */
  private fields: MutableFields = {};

  constructor(
    private readonly connection: ConnectionParser,
    private readonly attempt: <T>(work: () => T, otherwise: T) => T,
  ) {}

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    if (this.failed) return 'unsupported';
    const outcome = this.attempt<Outcome | undefined>(() => {
      const answer = one(OUTCOMES, this.connection.parse(cursor, fromClient, unit), 'parse answered');
      if (answer === 'unit') {
        checkUnit(unit);
        if (unit.begins !== undefined) this.fields = unit.fields;
        checkFields(this.fields);
      }
      return answer;
    }, undefined);
    this.failed = outcome === undefined;
    return outcome ?? 'unsupported';
  }

  resume(fromClient: boolean): void {
    // `failed` ends the connection at the next call of `parse`, which follows at once.
    const done = this.attempt(() => {
      this.connection.resume(fromClient);
      return true;
    }, false);
    if (!done) this.failed = true;
  }
}

function checkUnit(unit: Unit): void {
  one(EXTENTS, unit.extent, 'unit.extent is');
  one(TYPES, unit.begins, 'unit.begins is');
  if (unit.extent !== 'until-close' && !(Number.isSafeInteger(unit.length) && unit.length > 0)) {
    throw new TypeError(`unit.length is ${String(unit.length)}, not a whole number from 1 on`);
  }
  if (!Number.isSafeInteger(unit.channel)) throw new TypeError(`unit.channel is ${String(unit.channel)}, not a number`);
  if (unit.over !== undefined && !(Array.isArray(unit.over) && unit.over.every(Number.isSafeInteger))) {
    throw new TypeError('unit.over is not a list of channels');
  }
  if (unit.protocol !== undefined && typeof unit.protocol !== 'string')
    throw new TypeError('unit.protocol is not a name');
  if (typeof unit.fields !== 'object' || unit.fields === null) throw new TypeError('unit.fields is not an object');
}

function checkFields(fields: MutableFields): void {
  for (const name of STRING_FIELDS) requireType(fields[name], 'string', name);
  for (const name of NUMBER_FIELDS) requireType(fields[name], 'number', name);
  if (typeof fields.statusCode !== 'number') requireType(fields.statusCode, 'string', 'statusCode');
  one(STATUSES, fields.status, 'unit.fields.status is');
  const { traceIds } = fields;
  if (traceIds !== undefined && !(Array.isArray(traceIds) && traceIds.every((id) => typeof id === 'string'))) {
    throw new TypeError('unit.fields.traceIds is not a list of strings');
  }
}

function requireType(value: unknown, type: 'string' | 'number', name: string): void {
  if (value !== undefined && typeof value !== type) {
    throw new TypeError(`unit.fields.${name} is a ${typeof value}, not a ${type}`);
  }
}

function one<T>(allowed: readonly unknown[], value: T, what: string): T {
  if (!allowed.includes(value)) throw new TypeError(`${what} ${String(value)}`);
  return value;
}
