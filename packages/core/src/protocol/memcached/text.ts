import { CR, decimal, LF } from '../../base/ascii';
import type { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';
import { PendingRequests } from '../pending-requests';
import type { MutableFields, Outcome, Unit } from '../protocol-parser';

/**
 * Memcached's text protocol: https://github.com/memcached/memcached/blob/master/doc/protocol.txt
 *
 *   storage = ("set" / "add" / "replace" / "append" / "prepend") key flags exptime bytes ["noreply"] CRLF data CRLF
 *           / "cas" key flags exptime bytes unique ["noreply"] CRLF data CRLF
 *   other   = word *( SP argument ) CRLF
 *   meta    = "ms" key bytes *flag CRLF data CRLF / ("mg" / "md" / "ma" / "me") key *flag CRLF / "mn" CRLF
 *   answer  = *( "VALUE" key flags bytes [unique] CRLF data CRLF ) "END" CRLF / *( "STAT" name value CRLF ) "END" CRLF
 *           / "VA" bytes *flag CRLF data CRLF / line CRLF
 */
const MAX_LINE = 8192;
const MAX_VALUE = 1 << 30;
const STORAGE: ReadonlySet<string> = new Set(['set', 'add', 'replace', 'append', 'prepend', 'cas']);
const WORDS: ReadonlySet<string> = new Set([
  ...STORAGE,
  ...['get', 'gets', 'gat', 'gats', 'delete', 'incr', 'decr', 'touch', 'stats', 'flush_all', 'version', 'verbosity'],
  ...['quit', 'shutdown', 'slabs', 'lru', 'lru_crawler', 'watch', 'cache_memlimit', 'misbehave'],
  ...['mg', 'ms', 'md', 'ma', 'mn', 'me'],
]);

/** A command that is none of these, of a newer server or mistyped: the server answers it all the same. */
const UNKNOWN_COMMAND = /^[a-z][a-z_]{0,31}(?: [!-~]+)*$/;

export const TEXT_REQUEST =
  /^(?:(?:set|add|replace|append|prepend) [!-~]{1,250} \d{1,10} -?\d{1,10} \d{1,10}( noreply)?|cas [!-~]{1,250} \d{1,10} -?\d{1,10} \d{1,10} \d{1,20}( noreply)?|gets?( [!-~]{1,250})+|gats? \d{1,10}( [!-~]{1,250})+|delete [!-~]{1,250}( 0)?( noreply)?|(?:incr|decr) [!-~]{1,250} \d{1,20}( noreply)?|touch [!-~]{1,250} -?\d{1,10}( noreply)?|stats( \w+)*|flush_all( \d+)?( noreply)?|version|verbosity \d+( noreply)?|mg [!-~]{1,250}( [!-~]+)*|ms [!-~]{1,250} \d{1,10}( [!-~]+)*|m[da] [!-~]{1,250}( [!-~]+)*|mn)$/;
export const TEXT_RESPONSE =
  /^(?:VALUE [!-~]{1,250} \d{1,10} \d{1,10}( \d{1,20})?|STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|END|STAT [!-~]+ .*|VERSION \d[!-~]*|CLIENT_ERROR .*|SERVER_ERROR .*|VA \d{1,10}( [!-~]+)*)$/;

/** Reads the lines of one connection. */
export class TextReader {
  private readonly requests = new PendingRequests<string>();
  private open = false;

  resume(fromClient: boolean): void {
    if (fromClient) return;
    this.open = false;
    this.requests.clear();
  }

  parse(cursor: Cursor, fromClient: boolean, unit: Unit): Outcome {
    const { bytes, position } = cursor;
    const feed = cursor.find(LF, position + MAX_LINE);
    if (feed < 0) return cursor.remaining >= MAX_LINE ? 'invalid' : 'more';
    const line = decodeText(bytes, position, bytes[feed - 1] === CR && feed > position ? feed - 1 : feed);
    unit.length = feed + 1 - position;
    const words = line.split(' ');
    return fromClient ? this.parseRequest(line, words, unit) : this.parseResponse(line, words, unit);
  }

  private parseRequest(line: string, words: readonly string[], unit: Unit): Outcome {
    const word = words[0]!;
    if (!WORDS.has(word) && !UNKNOWN_COMMAND.test(line)) return 'invalid';
    const isMeta = word.length === 2;
    if (STORAGE.has(word) || word === 'ms') {
      const size = decimal(words[word === 'ms' ? 2 : 4]);
      if (!(size >= 0 && size <= MAX_VALUE)) return 'invalid';
      unit.length += size + 2;
    }
    const fields: MutableFields = { method: word, resource: line, endpoint: word };
    // Meta commands with q are answered only when something is worth saying: not paired.
    const quiet = isMeta ? words.slice(2).includes('q') : words.at(-1) === 'noreply';
    if (quiet || word === 'quit' || word === 'shutdown') return unit.whole('oneway', fields, unit.length);
    fields.pairingKey = this.requests.add(word);
    return unit.whole('request', fields, unit.length);
  }

  /** A response is one line, or values or statistics up to END. */
  private parseResponse(line: string, words: readonly string[], unit: Unit): Outcome {
    const word = words[0]!;
    const listed = word === 'VALUE' || word === 'STAT';
    if (word === 'VALUE' || word === 'VA') {
      const size = decimal(words[word === 'VA' ? 1 : 3]);
      if (!(size >= 0 && size <= MAX_VALUE)) return 'invalid';
      unit.length += size + 2;
    } else if (!/^[A-Z_]{2,}$|^\d{1,20}$/.test(word)) return 'invalid';
    if (!this.open) {
      unit.begins = 'response';
      unit.fields = responseFields(line, word);
      const pending = this.requests.next();
      if (pending !== undefined) unit.fields.pairingKey = pending.key;
    }
    this.open = listed;
    unit.ends = !listed;
    return 'unit';
  }
}

function responseFields(line: string, word: string): MutableFields {
  const fields: MutableFields = { status: 'ok', statusCode: word };
  if (/^\d/.test(word)) delete fields.statusCode;
  else if (word === 'ERROR' || word === 'CLIENT_ERROR') fields.status = 'client_error';
  else if (word === 'SERVER_ERROR') fields.status = 'server_error';
  if (fields.status !== 'ok') fields.exception = line;
  return fields;
}
