import { isLetter } from '../base/ascii';
import type { MutableFields } from './protocol-parser';
import { summariseSql } from './sql-summary';
import { readTraceHeader } from './trace-context';

/** Longer statements are cut: their text, not their length on the wire. */
export const MAX_SQL_TEXT = 4096;
/** Distinct shapes of statements remembered at once. */
const CACHE_LIMIT = 4096;

interface Statement {
  readonly verb: string;
  readonly endpoint: string;
}

/** `mysql`: double quotes enclose text, backticks names, a backslash escapes, `#` begins a comment. */
export type SqlDialect = 'standard' | 'mysql';
const caches: Record<SqlDialect, Map<string, Statement>> = { standard: new Map(), mysql: new Map() };

/**
 * Fills in what a statement says: verb, text, and trace context that a comment carries. Its endpoint is verb and table, as
 * `SELECT orders`; where it names no table, the statement without its values.
 */
export function readSql(sql: string, fields: MutableFields, dialect: SqlDialect = 'standard'): void {
  const cache = caches[dialect];
  const shape = shapeOf(sql);
  let statement = cache.get(shape);
  if (statement === undefined) {
    const normal = normaliseSql(shape, dialect);
    const { verb, target } = summariseSql(normal);
    statement = { verb, endpoint: target === undefined ? normal : `${verb} ${target}` };
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(shape, statement);
  }
  fields.resource = sql;
  fields.method = statement.verb;
  fields.endpoint = statement.endpoint;
  if (sql.includes("traceparent='")) readSqlComment(sql, fields);
}

/** Quotes that enclose names, whose digits count, and what could make a quote or a digit mean something else. */
const NOT_PLAIN = /["`\\#]|--|\/\*|\$(?![0-9])/;
/** Whole numbers that stand alone: a digit of a name, or of a number such as 0x1f, is no value by itself. */
const WHOLE_NUMBER = /(?<![\w$])[0-9]+(?![\w$])/g;

/**
 * The statement with every number 0 and every text empty, which has the same normal form: programs that write values into
 * their statements send few shapes. Statements where that cannot be told at a glance keep theirs.
 */
function shapeOf(sql: string): string {
  if (NOT_PLAIN.test(sql)) return sql;
  const numbers = sql.includes("'") ? sql.replace(/'[^']*'/g, "''") : sql;
  return numbers.replace(WHOLE_NUMBER, '0');
}

/** sqlcommenter: a comment of `key='URL-encoded value'` pairs (https://google.github.io/sqlcommenter/spec/). */
function readSqlComment(sql: string, fields: MutableFields): void {
  const match = /\/\*[^*]*traceparent='([0-9a-f-]{55})'/.exec(sql);
  if (match === null) return;
  readTraceHeader('traceparent', match[1]!, fields);
  const state = /[*,\s]tracestate='([^']{1,1024})'/.exec(sql)?.[1];
  if (state !== undefined) readTraceHeader('tracestate', urlDecoded(state), fields);
}

function urlDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One pass: comments, quoted text, dollar-quoted text, numbers and parameters, white space. */
const TOKENS: Record<SqlDialect, RegExp> = {
  standard:
    /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|([eE])'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|[bBxXnN]?'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$([A-Za-z_]*)\$[\s\S]*?(?:\$\2\$|$)|\$[0-9]+|[A-Za-z_][\w$]*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|\s+/g,
  mysql:
    /--(?=\s|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[bBxXnN]?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|"(?:[^"\\]|""|\\[\s\S])*(?:"|$)|`(?:[^`]|``)*(?:`|$)|[A-Za-z_$][\w$]*|(?:0x[0-9a-fA-F]+|[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|\s+/g,
};

const PLACEHOLDERS = new RegExp(`${TOKENS.mysql.source}|\\?`, 'g');

/** The statement of MySQL's with values in place of its question marks, as far as there are some; bounded like all statements. */
export function fillInParameters(sql: string, values: readonly (string | undefined)[]): string {
  let next = 0;
  const filled = sql.replace(PLACEHOLDERS, (token) => (token === '?' ? (values[next++] ?? token) : token));
  return filled.length > MAX_SQL_TEXT ? `${filled.slice(0, MAX_SQL_TEXT)}…` : filled;
}

/** A statement without its values: literals and parameters become `?`, lists of them one, comments and extra space go. */
export function normaliseSql(sql: string, dialect: SqlDialect = 'standard'): string {
  return sql
    .replace(TOKENS[dialect], (token) => {
      const first = token.charCodeAt(0);
      // Words, the most of them; a letter before a quote belongs to the literal.
      if (isLetter(first) && token.charCodeAt(1) !== 0x27) return token;
      if (token.startsWith('--') || token.startsWith('/*') || first === 0x23) return ' ';
      if (first <= 0x20 || first === 0xa0) return ' ';
      if (first === 0x22) return dialect === 'mysql' ? '?' : token;
      if (first === 0x60) return token;
      if (token.endsWith("'") || token.includes("'")) return '?';
      if (dialect === 'standard' && first === 0x24) return '?';
      if (first === 0x2e || (first >= 0x30 && first <= 0x39)) return '?';
      return token;
    })
    .replace(/ +/g, ' ')
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replace(/\(\?\)(?:\s*,\s*\(\?\))+/g, '(?)')
    .replace(/[\s;]+$/, '')
    .trim();
}
