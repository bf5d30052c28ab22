import { Cursor } from '../base/cursor';
import type { Transport } from '../event/event-block';
import type { InferenceContext, ProtocolParser } from './protocol-parser';
import { PARSERS } from './registry';

/** Places for each pair of first bytes, and for each single one. */
const PAIRS = 0x10000;
const SINGLES = 0x100;
/** All that may be known of who speaks, on a stream. */
const CONTEXTS: readonly InferenceContext[] = [
  { transport: 'tcp' },
  { transport: 'tcp', fromClient: true },
  { transport: 'tcp', fromClient: false },
];

/**
 * The parsers that a pipeline asks, in order. What a parser says `no` to on a stream stays `no` with more bytes after it,
 * so one that refuses two bytes by themselves need not be asked about anything that begins with them: most bytes leave a
 * few parsers. A user's own parsers are asked in any case, as theirs may be less strict about it, and so are all of
 * datagrams, which come whole.
 */
export class ParserSet {
  /** By the first two bytes, then by the only one; made when such bytes are first seen. */
  private readonly forTcp = new Array<readonly ProtocolParser[] | undefined>(PAIRS + SINGLES).fill(undefined);
  private readonly ownForTcp: readonly ProtocolParser[];
  private readonly builtInForTcp: readonly ProtocolParser[];
  private readonly forUdp: readonly ProtocolParser[];

  constructor(own: readonly ProtocolParser[] = [], builtIn: readonly ProtocolParser[] = PARSERS) {
    const over = (transport: Transport) => (parser: ProtocolParser) => parser.transports.includes(transport);
    this.forUdp = [...own, ...builtIn].filter(over('udp'));
    this.ownForTcp = own.filter(over('tcp'));
    this.builtInForTcp = builtIn.filter(over('tcp'));
  }

  /**
   * Those that could say anything but `no` to the bytes at the cursor, of which there is at least one. What is said over TCP
   * is said over unix sockets too.
   */
  candidates(transport: Transport, cursor: Cursor): readonly ProtocolParser[] {
    if (transport === 'udp') return this.forUdp;
    const { bytes, position } = cursor;
    const first = bytes[position]!;
    const place = cursor.remaining > 1 ? (first << 8) | bytes[position + 1]! : PAIRS + first;
    return this.forTcp[place] ?? this.learn(place);
  }

  private learn(place: number): readonly ProtocolParser[] {
    const prefix = place < PAIRS ? Uint8Array.of(place >> 8, place & 0xff) : Uint8Array.of(place - PAIRS);
    const made = [...this.ownForTcp, ...this.builtInForTcp.filter((parser) => admits(parser, prefix))];
    this.forTcp[place] = made;
    return made;
  }
}

/** Shared by all pipelines without parsers of their own: what it learns about bytes depends on nothing else. */
export const BUILT_IN_PARSERS = new ParserSet();

function admits(parser: ProtocolParser, prefix: Uint8Array): boolean {
  const cursor = new Cursor();
  return CONTEXTS.some((context) => parser.infer(cursor.reset(prefix, 0, prefix.length, false), context) !== 'no');
}
