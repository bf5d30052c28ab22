/** PostgreSQL's text format of COPY: columns apart by tabs, rows by newlines, backslash escapes. */

const SPECIAL = /[\\\t\n\r\0]/g;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\ufffd' };

/** A text value. PostgreSQL cannot hold NUL, so that becomes U+FFFD. */
export function copyText(value: string): string {
  return value.replace(SPECIAL, (character) => ESCAPES[character] ?? character);
}

/** A JSON value: JSON leaves nothing to escape but its own backslashes. */
export function copyJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('\\') ? text.replaceAll('\\', '\\\\') : text;
}

export function copyBoolean(value: boolean): string {
  return value ? 't' : 'f';
}

export function copyNumbers(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}

/** A text[] value: elements quoted as array syntax wants, then escaped as COPY wants. */
export function copyTexts(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return copyText(`{${quoted.join(',')}}`);
}

export function copyRow(columns: readonly (string | number | bigint)[]): string {
  return `${columns.join('\t')}\n`;
}
