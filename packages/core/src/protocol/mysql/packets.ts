import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { little } from '../little-endian';

/**
 * MySQL client/server protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html (numbers are little
 * endian; MariaDB's, https://mariadb.com/kb/en/clientserver-protocol/, is the same as far as it is read here).
 *
 *   packet     = length (3) · sequence (1) · body         a length of 0xffffff goes on in the next packet
 *   greeting   = 10 · version NUL · thread (4) · salt (8) · 0 · capabilities (2) · … · capabilities (2)     server, first
 *   login      = capabilities (4) · max packet (4) · charset (1) · 0 (23) · user NUL · auth · [database NUL] …
 *   command    = code (1) · argument                      sequence 0
 *   OK         = 0 or 254 · affected rows (lenenc) · last id (lenenc) · status (2) · warnings (2) …
 *   EOF        = 254 · warnings (2) · status (2)
 *   ERR        = 255 · code (2) · [ "#" · SQLSTATE (5) ] · message
 *   result set = count (lenenc) · count × column · [EOF] · rows … · EOF or OK      repeated while more results exist
 *   prepared   = 0 · statement (4) · columns (2) · parameters (2) · 0 · warnings (2) · parameters · [EOF] · columns · [EOF]
 */
export const HEADER_BYTES = 4;
/** Goes on in the next packet. */
export const MAX_PACKET = 0xffffff;

export const Command = {
  quit: 0x01,
  initDb: 0x02,
  query: 0x03,
  fieldList: 0x04,
  statistics: 0x09,
  ping: 0x0e,
  changeUser: 0x11,
  binlogDump: 0x12,
  prepare: 0x16,
  execute: 0x17,
  sendLongData: 0x18,
  closeStatement: 0x19,
  resetStatement: 0x1a,
  fetch: 0x1c,
  binlogDumpGtid: 0x1e,
  /** MariaDB's: one EXECUTE for many rows of parameters. */
  bulkExecute: 0xfa,
} as const;
/** MariaDB's: stands for the statement that was prepared last, whose id the client may not know yet. */
export const LAST_STATEMENT = 0xffffffff;

/** Names of the commands by their code, as the server's source has them. */
const COMMAND_NAMES: readonly string[] = [
  'COM_SLEEP',
  'COM_QUIT',
  'COM_INIT_DB',
  'COM_QUERY',
  'COM_FIELD_LIST',
  'COM_CREATE_DB',
  'COM_DROP_DB',
  'COM_REFRESH',
  'COM_SHUTDOWN',
  'COM_STATISTICS',
  'COM_PROCESS_INFO',
  'COM_CONNECT',
  'COM_PROCESS_KILL',
  'COM_DEBUG',
  'COM_PING',
  'COM_TIME',
  'COM_DELAYED_INSERT',
  'COM_CHANGE_USER',
  'COM_BINLOG_DUMP',
  'COM_TABLE_DUMP',
  'COM_CONNECT_OUT',
  'COM_REGISTER_SLAVE',
  'COM_STMT_PREPARE',
  'COM_STMT_EXECUTE',
  'COM_STMT_SEND_LONG_DATA',
  'COM_STMT_CLOSE',
  'COM_STMT_RESET',
  'COM_SET_OPTION',
  'COM_STMT_FETCH',
  'COM_DAEMON',
  'COM_BINLOG_DUMP_GTID',
  'COM_RESET_CONNECTION',
];

export function commandName(code: number): string | undefined {
  return code === Command.bulkExecute ? 'COM_STMT_BULK_EXECUTE' : COMMAND_NAMES[code];
}

export const Capability = {
  connectWithDatabase: 0x8,
  compress: 0x20,
  protocol41: 0x200,
  ssl: 0x800,
  lengthEncodedAuth: 0x20_0000,
  deprecateEof: 0x100_0000,
  zstdCompress: 0x400_0000,
  queryAttributes: 0x800_0000,
} as const;

export const ServerStatus = { moreResults: 0x8, cursorExists: 0x40 } as const;

/** Body length of the packet at the cursor; −1 = its head is not whole. */
export function bodyLength(cursor: Cursor): number {
  return cursor.remaining < HEADER_BYTES ? -1 : little(cursor.bytes, cursor.position, 3);
}

/** Bytes of a value by its type; of others the length stands before them. */
const FIXED_VALUES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [3, 4],
  [4, 4],
  [5, 8],
  [6, 0],
  [8, 8],
  [9, 4],
  [13, 2],
]);
const MAX_ATTRIBUTES = 64;

/**
 * Where the text of a COM_QUERY begins: behind its attributes, if there are any. A count of them (lenenc) · 1 · and where
 * there are some: bitmap of nulls · 1 · type (2) and name (lenenc) of each · values. A statement never begins so.
 */
export function statementStart(bytes: Uint8Array, at: number, end: number): number {
  const count = bytes[at] ?? 0xff;
  if (count > MAX_ATTRIBUTES || at + 1 >= end || bytes[at + 1] !== 1) return at;
  if (count === 0) return at + 2;
  const nulls = at + 2;
  let next = nulls + ((count + 7) >> 3) + 1;
  const types: number[] = [];
  for (let i = 0; i < count && next < end; i += 1) {
    types.push(bytes[next]!);
    next += 3 + (bytes[next + 2] ?? 0);
  }
  for (const [i, type] of types.entries()) {
    if (((bytes[nulls + (i >> 3)] ?? 0) & (1 << (i & 7))) !== 0) continue;
    next += FIXED_VALUES.get(type) ?? 1 + (bytes[next] ?? 0);
  }
  return Math.min(next, end);
}

/** Bytes of the length-encoded integer at `at`, its first byte included. */
export function lengthEncodedSize(first: number): number {
  return first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : first === 0xfe ? 9 : 1;
}

/** A text ended by a zero byte or by `end`; `next` is behind it. */
export function zeroEnded(bytes: Uint8Array, from: number, end: number): { text: string; next: number } {
  let at = from;
  while (at < end && bytes[at] !== 0) at += 1;
  return { text: decodeText(bytes, from, at), next: at + 1 };
}
