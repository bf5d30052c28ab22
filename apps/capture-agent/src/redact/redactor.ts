import { guessProtocol, HTTP2_PREFACE } from '@causeway/core';
import type { SecretHints } from '../native/native-addon';
import { maskPostgresPassword, maskRedisAuth } from './credentials';
import { type Http2Connection, recogniseHttp2 } from './http2-headers';
import { maskMysqlLiterals, maskPostgresLiterals, maskRedisValues } from './literals';
import { type NameSet, nameSet } from './name-set';
import { maskNamedValues, type OpenValue } from './named-values';
import type { StreamPlace } from './stream-place';

export interface RedactionOptions {
  /** Whose values are masked. */
  readonly names: readonly string[];
  /** Values in SQL statements and Redis commands too. */
  readonly literals: boolean;
}

/** What is known of a socket's bytes before: a value that goes on, by direction (`Direction` of core: 1 and 2). */
export interface OpenValues extends StreamPlace {
  http2?: Http2Connection | undefined;
  openValue?: [OpenValue, OpenValue, OpenValue];
}

const [LF, CR, SPACE] = [0x0a, 0x0d, 0x20];
/** A frame of 64 KiB, whose length would begin with another byte, would have to be asked for. */
const HTTP2_FRAME = 0;
const STAR = 0x2a;
const LOWER_P = 0x70;

/**
 * Takes secrets out of payload before it leaves memory: each masked byte becomes `*`, so lengths and offsets stay true
 * and every parser still finds its way. It knows bytes, not connections: what it looks for is told apart by its form.
 */
export class Redactor {
  private readonly names: NameSet;
  private readonly option: RegExp;

  constructor(private readonly options: RedactionOptions) {
    this.names = nameSet(options.names);
    this.option = new RegExp(`((?<=^|\\s)--?(?:${this.names.names.join('|')})\\s+)(\\S+)`, 'gi');
  }

  /** By which the addon finds payload in which there is nothing to mask. */
  get hints(): SecretHints {
    return { secretNames: this.names.names, secretFirstBytes: [HTTP2_PREFACE[0]!, HTTP2_FRAME, STAR, LOWER_P] };
  }

  /** Whether it may mask where nothing was found by the hints, though no bytes are missing before. */
  looksAtAll({ http2, openValue }: OpenValues, direction: number): boolean {
    return this.options.literals || http2 !== undefined || (openValue?.[direction] ?? 'none') !== 'none';
  }

  /** For the header: one phrase each. */
  get phrases(): readonly string[] {
    return [
      'passwords of Redis and PostgreSQL logins',
      `values of ${this.names.names.join(', ')}`,
      'HTTP/2 frames whose beginning was not seen',
      ...(this.options.literals ? ['values in SQL statements and Redis commands'] : []),
    ];
  }

  /**
   * Masks within `bytes[from, to)`, which one call moved over a socket. `unseen`: bytes of the call behind them that were not
   * captured; when there are none, a value that is cut here goes on with the next call. `searched`: no name stands before a
   * mark in these bytes, as the addon has found. `missing`: see `missingBefore`.
   */
  apply(
    bytes: Uint8Array,
    from: number,
    to: number,
    socket: OpenValues,
    direction: number,
    unseen: number,
    searched = false,
    missing = 0,
  ): void {
    socket.http2 ??= recogniseHttp2(bytes, from, to, this.names);
    socket.http2?.[direction]?.mask(bytes, from, to, unseen, missing);
    const first = bytes[from];
    if (first === STAR) maskRedisAuth(bytes, from, to);
    else if (first === LOWER_P) maskPostgresPassword(bytes, from, to);
    if (this.options.literals) {
      if (!maskRedisValues(bytes, from, to) && !maskPostgresLiterals(bytes, from, to))
        maskMysqlLiterals(bytes, from, to);
    }
    let before = socket.openValue?.[direction] ?? 'none';
    if (missing > 0 && before === 'none' && socket.http2 === undefined && mayGoOnALine(bytes, from, to, unseen))
      before = 'line';
    if (searched && before === 'none') return;
    const open = maskNamedValues(bytes, from, to, this.names, before);
    if (open !== 'none' && unseen === 0) {
      socket.openValue ??= ['none', 'none', 'none'];
      socket.openValue[direction] = open;
    } else if (socket.openValue !== undefined) {
      socket.openValue[direction] = 'none';
    }
  }

  /** A command line, arguments joined by blanks: `--token abc` and `password=abc`. */
  text(commandLine: string): string {
    const bytes = Buffer.from(commandLine);
    maskNamedValues(bytes, 0, bytes.length, this.names, 'none');
    return bytes
      .toString()
      .replace(this.option, (_, before: string, value: string) => before + '*'.repeat(value.length));
  }
}

/** Whether the bytes may begin within a line of text whose beginning was lost. */
function mayGoOnALine(bytes: Uint8Array, from: number, to: number, unseen: number): boolean {
  for (let at = from; at < to && bytes[at] !== CR && bytes[at] !== LF; at += 1) if (bytes[at]! < SPACE) return false;
  return guessProtocol(bytes, from, to, unseen > 0, 'tcp') === undefined;
}
