import { TRACE_HEADERS } from '../trace-context';

/** Fields that are read. All others are only passed over. */
export const READ_FIELDS = [
  ':method',
  ':path',
  ':authority',
  ':status',
  'host',
  'content-type',
  'grpc-status',
  'grpc-message',
  ...TRACE_HEADERS,
] as const;
export type ReadField = (typeof READ_FIELDS)[number];

/** `pseudo` = a pseudo-header that is not read; `other` = any other field that is not; `unknown` = its name was not seen. */
export type FieldName = ReadField | 'pseudo' | 'other' | 'unknown';

const BY_LENGTH: (readonly { codes: Uint8Array; name: ReadField }[])[] = [];
for (const name of READ_FIELDS) {
  const entry = { codes: Uint8Array.from(name, (character) => character.charCodeAt(0)), name };
  BY_LENGTH[name.length] = [...(BY_LENGTH[name.length] ?? []), entry];
}
const COLON = 0x3a;

/** The name that stands at `bytes[start..end)`. Names are in lower case: RFC 9113, section 8.2. */
export function fieldNameOf(bytes: Uint8Array, start: number, end: number): FieldName {
  for (const { codes, name } of BY_LENGTH[end - start] ?? []) {
    let i = 0;
    while (i < codes.length && codes[i] === bytes[start + i]) i += 1;
    if (i === codes.length) return name;
  }
  return bytes[start] === COLON ? 'pseudo' : 'other';
}

/** A field as a table holds it; `value` is absent where it is not read, or was not seen. */
export interface Field {
  readonly name: FieldName;
  readonly value: string | undefined;
}

export const UNKNOWN_FIELD: Field = { name: 'unknown', value: undefined };
const OTHER_FIELD: Field = { name: 'other', value: undefined };

/** The static table (RFC 7541, appendix A), from index 1 on; of fields that are not read, only that they are there. */
export const STATIC_TABLE: readonly Field[] = Array.from({ length: 61 }, () => OTHER_FIELD);
const set = (index: number, name: FieldName, value?: string) => {
  (STATIC_TABLE as Field[])[index - 1] = { name, value };
};
set(1, ':authority', '');
set(2, ':method', 'GET');
set(3, ':method', 'POST');
set(4, ':path', '/');
set(5, ':path', '/index.html');
set(6, 'pseudo');
set(7, 'pseudo');
for (const [i, status] of ['200', '204', '206', '304', '400', '404', '500'].entries()) set(8 + i, ':status', status);
set(31, 'content-type', '');
set(38, 'host', '');
