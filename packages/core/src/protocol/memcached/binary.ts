import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { PendingRequests } from '../pending-requests';
import type { MutableFields, Outcome, Unit } from '../protocol-parser';

/**
 * Memcached's binary protocol: https://github.com/memcached/memcached/wiki/BinaryProtocolRevamped (big endian)
 *
 *   packet = magic (1: 128 request, 129 response) · opcode (1) · key length (2) · extras length (1) · data type (1: 0)
 *          · vbucket or status (2) · body length (4) · opaque (4) · cas (8) · extras · key · value
 */
export const BINARY_HEADER = 24;
export const Magic = { request: 0x80, response: 0x81 } as const;
const MAX_BODY = 1 << 30;
const MAX_KEY = 250;
/** Names by opcode; those that end in q are answered only when it went wrong, or was found. */
const OPCODES = [
  ...['get', 'set', 'add', 'replace', 'delete', 'increment', 'decrement', 'quit', 'flush', 'getq', 'noop', 'version'],
  ...['getk', 'getkq', 'append', 'prepend', 'stat', 'setq', 'addq', 'replaceq', 'deleteq', 'incrementq', 'decrementq'],
  ...['quitq', 'flushq', 'appendq', 'prependq', 'verbosity', 'touch', 'gat', 'gatq'],
];
const SASL = ['sasl_list_mechs', 'sasl_auth', 'sasl_step'];
const STAT = 0x10;
const STATUSES: ReadonlyMap<number, string> = new Map([
  [1, 'Key not found'],
  [2, 'Key exists'],
  [3, 'Value too large'],
  [4, 'Invalid arguments'],
  [5, 'Item not stored'],
  [6, 'Incr/Decr on non-numeric value'],
  [7, 'The vbucket belongs to another server'],
  [8, 'Authentication error'],
  [9, 'Authentication continue'],
  [0x81, 'Unknown command'],
  [0x82, 'Out of memory'],
  [0x83, 'Not supported'],
  [0x84, 'Internal error'],
  [0x85, 'Busy'],
  [0x86, 'Temporary failure'],
]);
/** A key that is not there, or is there, answers the question. */
const ANSWERS: ReadonlySet<number> = new Set([0, 1, 2, 5, 9]);

function opcodeName(opcode: number): string | undefined {
  return OPCODES[opcode] ?? SASL[opcode - 0x20];
}

/** Whether the head at the cursor is that of a packet: its lengths have to agree. */
export function isBinaryHead(cursor: Cursor): boolean {
  const { bytes, position: at } = cursor;
  if (bytes[at] !== Magic.request && bytes[at] !== Magic.response) return false;
  const key = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const extras = bytes[at + 4]!;
  const body = bodyLength(bytes, at);
  const name = opcodeName(bytes[at + 1]!);
  return (
    name !== undefined &&
    bytes[at + 5] === 0 &&
    key <= MAX_KEY &&
    extras <= 20 &&
    body >= key + extras &&
    body <= MAX_BODY
  );
}

function bodyLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 8]! << 24) | (bytes[at + 9]! << 16) | (bytes[at + 10]! << 8) | bytes[at + 11]!) >>> 0;
}

interface Asked {
  readonly opcode: number;
  readonly opaque: number;
}

/** Reads the packets of one connection. */
export class BinaryReader {
  private readonly requests = new PendingRequests<Asked>();
  /** A STAT is answered by many packets; the last one has no key. */
  private statOpen = false;

  resume(fromClient: boolean): void {
    if (fromClient) return;
    this.requests.clear();
    this.statOpen = false;
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    if (cursor.remaining < BINARY_HEADER) return 'more';
    if (!isBinaryHead(cursor) || (bytes[position] === Magic.request) !== fromClient) return 'invalid';
    const opcode = bytes[position + 1]!;
    const keyLength = (bytes[position + 2]! << 8) | bytes[position + 3]!;
    const body = bodyLength(bytes, position);
    const length = BINARY_HEADER + body;
    const keyAt = position + BINARY_HEADER + bytes[position + 4]!;
    if (!cursor.cut && cursor.end < Math.min(keyAt + keyLength + 64, position + length)) return 'more';
    const opaque = bodyLength(bytes, position + 4);
    const method = opcodeName(opcode)!;
    if (fromClient) {
      const key = decodeText(bytes, keyAt, Math.min(cursor.end, keyAt + keyLength));
      const fields: MutableFields = { method, endpoint: method, resource: key === '' ? method : `${method} ${key}` };
      if (isQuiet(method)) {
        this.requests.add({ opcode, opaque });
        return unit.whole('oneway', fields, length);
      }
      fields.pairingKey = this.requests.add({ opcode, opaque });
      return unit.whole('request', fields, length);
    }
    unit.length = length;
    const continues = opcode === STAT && keyLength > 0;
    if (!this.statOpen) {
      const pending = this.requests.next((asked) => asked.opcode === opcode && asked.opaque === opaque);
      // What a quiet request is told belongs to none that waits.
      unit.begins = isQuiet(method) ? 'oneway' : 'response';
      const status = (bytes[position + 6]! << 8) | bytes[position + 7]!;
      unit.fields = responseFields(method, status);
      if (pending !== undefined) unit.fields.pairingKey = pending.key;
    }
    this.statOpen = continues;
    unit.ends = !continues;
    return 'unit';
  }
}

function isQuiet(method: string): boolean {
  return method.endsWith('q');
}

function responseFields(method: string, code: number): MutableFields {
  const fields: MutableFields = { method, statusCode: code, status: 'ok' };
  if (ANSWERS.has(code)) return fields;
  fields.status = code >= 0x82 ? 'server_error' : 'client_error';
  fields.exception = STATUSES.get(code) ?? `status ${code}`;
  return fields;
}
