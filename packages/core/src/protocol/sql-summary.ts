/**
 * What a statement does, to what: `SELECT orders`. Verb and first table, as OpenTelemetry's db.query.summary has them:
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/#generating-a-summary-of-the-query
 */
export interface SqlSummary {
  /** In upper case; of a WITH that of the statement behind the named queries. Empty = it does not begin with a word. */
  readonly verb: string;
  /** Schema and name without quotes; absent = it names none, or none that can be told. */
  readonly target?: string;
}

const TOKEN = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|`(?:[^`]|``)*`|"(?:[^"]|"")*"|[?().,;]/g;
/** Tokens that are looked at: a table stands early, but behind a list of columns. */
const MAX_TOKENS = 2048;
const STATEMENTS: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE']);
/** The word that the table follows. */
const BEFORE_TARGET: Readonly<Record<string, string>> = {
  SELECT: 'FROM',
  DELETE: 'FROM',
  MERGE: 'INTO',
  INSERT: 'INTO',
  REPLACE: 'INTO',
};
/** The name follows at once, behind some of the words below. */
const AT_ONCE: ReadonlySet<string> = new Set(['UPDATE', 'TRUNCATE', 'CALL', 'COPY', 'CREATE', 'ALTER', 'DROP']);
const DEFINES: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'DROP', 'TRUNCATE']);
const MODIFIERS: ReadonlySet<string> = new Set([
  ...[
    'ONLY',
    'LATERAL',
    'LOW_PRIORITY',
    'HIGH_PRIORITY',
    'IGNORE',
    'IF',
    'NOT',
    'EXISTS',
    'OR',
    'REPLACE',
    'TEMPORARY',
  ],
  ...['TEMP', 'UNLOGGED', 'GLOBAL', 'LOCAL', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'MATERIALIZED', 'CONCURRENTLY'],
]);
/** What is defined: one word of these, and then a name that may well be another. */
const KINDS: ReadonlySet<string> = new Set([
  ...['TABLE', 'VIEW', 'INDEX', 'DATABASE', 'SCHEMA', 'SEQUENCE', 'FUNCTION', 'PROCEDURE', 'TRIGGER', 'TYPE'],
  ...['EXTENSION', 'ROLE', 'USER', 'EVENT', 'DOMAIN'],
]);

/** Of a statement without its values and comments. */
export function summariseSql(statement: string): SqlSummary {
  const tokens = statement.matchAll(TOKEN);
  /** Names that the statement gives to queries of its own. */
  const named = new Set<string>();
  /** At each depth of parentheses: whether a query stands there, so that FROM belongs to it and not to a function. */
  const queries: boolean[] = [false];
  let verb = '';
  let isWith = false;
  let wanted: string | undefined;
  let expecting = false;
  let kindExpected = false;
  let name = '';
  let previous = '';
  let count = 0;
  for (const [token] of tokens) {
    count += 1;
    if (count > MAX_TOKENS) break;
    const word = token.toUpperCase();
    if (name !== '') {
      // Behind a name: more of it, or a call of a function, or its end.
      if (token === '.' || previous === '.') {
        name += token === '.' ? '.' : unquote(token);
        previous = token;
        continue;
      }
      if ((token !== '(' || wanted !== 'FROM') && !named.has(name)) return { verb, target: name };
      name = '';
      expecting = false;
    }
    if (token === '(') {
      queries.push(false);
      expecting = false;
    } else if (token === ')') {
      if (queries.length > 1) queries.pop();
    } else if (token === ';') {
      break;
    } else if (verb === '') {
      if (word === 'WITH') isWith = true;
      else if (isWith && !(queries.length === 1 && STATEMENTS.has(word))) {
        // A name of its own stands behind WITH, RECURSIVE or a comma.
        if (queries.length === 1 && /^(?:WITH|RECURSIVE|,)$/i.test(previous)) named.add(unquote(token));
      } else if (/^[A-Z]/.test(word)) {
        verb = word;
        wanted = BEFORE_TARGET[verb];
        expecting = AT_ONCE.has(verb);
        kindExpected = DEFINES.has(verb);
        queries[queries.length - 1] = true;
      } else break;
    } else if (expecting) {
      if (token === '?' || token === ',' || token === '.') break;
      if (kindExpected && KINDS.has(word)) kindExpected = false;
      else if (!MODIFIERS.has(word)) name = unquote(token);
    } else if (word === 'SELECT') queries[queries.length - 1] = true;
    else if ((word === wanted || (word === 'JOIN' && wanted === 'FROM')) && queries.at(-1) === true) {
      expecting = previous.toUpperCase() !== 'DISTINCT';
    }
    previous = token;
  }
  return name === '' || named.has(name) ? { verb } : { verb, target: name };
}

function unquote(token: string): string {
  const first = token[0];
  return first === '`' || first === '"' ? token.slice(1, -1).replaceAll(first + first, first) : token;
}
