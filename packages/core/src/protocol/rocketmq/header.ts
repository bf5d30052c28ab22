import { decodeText } from '../../base/text';

/** What a command's header says, in either encoding. */
export interface Header {
  /** −1 = not there. */
  code: number;
  flag: number;
  /** −1 = not there: in JSON it stands behind the fields of the call, and may be cut. */
  opaque: number;
  version: number;
  remark: string;
  /** Of the call, by name. */
  readonly extension: Map<string, string>;
}

/** Fields of one call that are kept. */
const MAX_FIELDS = 64;
const BINARY_HEAD = 21;

/**
 * code (2) · language (1) · version (2) · opaque (4) · flag (4) · remark, its length (4) before it
 * · length (4) · fields: name, its length (2) before it · value, its length (4) before it
 */
export function readBinaryHeader(bytes: Uint8Array, at: number, end: number): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(end, bytes.length));
  const header = newHeader();
  if (at + BINARY_HEAD - 4 > end) return header;
  header.code = view.getInt16(at);
  header.version = view.getInt16(at + 3);
  header.opaque = view.getInt32(at + 5);
  header.flag = view.getInt32(at + 9);
  const remark = view.getUint32(at + 13);
  header.remark = decodeText(bytes, at + 17, Math.min(end, at + 17 + remark));
  let next = at + 17 + remark;
  if (next + 4 > end) return header;
  const stop = Math.min(end, next + 4 + view.getUint32(next));
  next += 4;
  while (next + 2 <= stop && header.extension.size < MAX_FIELDS) {
    const value = next + 2 + view.getUint16(next);
    if (value + 4 > stop) break;
    const name = decodeText(bytes, next + 2, value);
    next = value + 4 + view.getUint32(value);
    header.extension.set(name, decodeText(bytes, value + 4, Math.min(next, stop)));
  }
  return header;
}

/** Whether lengths and numbers of a binary header agree with the length that it is said to have. */
export function binaryHeaderFits(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < BINARY_HEAD || at + BINARY_HEAD - 4 > end) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(end, bytes.length));
  const remark = view.getUint32(at + 13);
  if (bytes[at + 2]! > 12 || view.getUint16(at + 3) > 2000 || view.getUint32(at + 9) > 3) return false;
  if (remark > length - BINARY_HEAD) return false;
  const extension = at + 17 + remark;
  return extension + 4 > end || view.getUint32(extension) === length - BINARY_HEAD - remark;
}

function newHeader(): Header {
  return { code: -1, flag: 0, opaque: -1, version: -1, remark: '', extension: new Map() };
}

/**
 * A JSON object of numbers, strings and one object of strings, `extFields`. Read as far as it goes, for it may be cut: each
 * token is a string, a number or word, or punctuation.
 */
export function readJsonHeader(text: string): Header {
  const header = newHeader();
  const token = /\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([-+.\w]+)|([{}[\],:]))/gy;
  let depth = 0;
  let name: string | undefined;
  let key: string | undefined;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, quoted, word, mark] = match;
    if (mark !== undefined) {
      if (mark === '{' || mark === '[') {
        depth += 1;
        if (depth === 2) name = key;
        key = undefined;
      } else if (mark === '}' || mark === ']') depth -= 1;
      if (mark === ',') key = undefined;
      continue;
    }
    const value = quoted === undefined ? word! : unescapeJson(quoted);
    if (key === undefined) key = value;
    else if (depth === 1) setField(header, key, value);
    else if (depth === 2 && name === 'extFields' && header.extension.size < MAX_FIELDS)
      header.extension.set(key, value);
  }
  return header;
}

function setField(header: Header, name: string, value: string): void {
  if (name === 'remark') header.remark = value === 'null' ? '' : value;
  else if (name === 'code' || name === 'flag' || name === 'opaque' || name === 'version') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) header[name] = number;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescapeJson(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_all, code: string | undefined, letter: string) =>
    code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
