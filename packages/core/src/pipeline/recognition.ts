import type { Cursor } from '../base/cursor';
import type { Transport } from '../event/event-block';
import type { ParserSet } from '../protocol/parser-set';
import type { Inference, InferenceContext, ProtocolParser } from '../protocol/protocol-parser';
import type { CoverageCounters } from './coverage-counters';

/** Events that are looked at for a protocol before looking only at every 32nd. */
const EAGER_ATTEMPTS = 16;
const LAZY_ATTEMPT_MASK = 31;

/** Who sends the bytes, where that is known. */
export type Speaker = 'client' | 'server' | 'unknown';

/** All that a parser may be told when it is asked, made once. */
const CONTEXTS = { tcp: contextsOf('tcp'), udp: contextsOf('udp'), unix: contextsOf('unix') } as const;

export interface Recognised {
  readonly definition: ProtocolParser;
  /** Who speaks, surely. */
  readonly verdict: 'request' | 'response';
}

/** Asks the parsers what a connection speaks, and counts the connections of which nobody can tell. */
export class Recognition {
  private misses = 0;
  private countedUnknown = false;
  private countedOpaque = false;

  constructor(
    private readonly transport: Transport,
    private readonly parsers: ParserSet,
    private readonly coverage: CoverageCounters,
  ) {}

  recognise(cursor: Cursor, speaker: Speaker): Recognised | 'more' | 'no' {
    const { misses } = this;
    if (misses > EAGER_ATTEMPTS && (misses & LAZY_ATTEMPT_MASK) !== 0) {
      this.misses = misses + 1;
      return 'no';
    }
    let undecided = false;
    for (const definition of this.parsers.candidates(this.transport, cursor)) {
      const verdict = this.infer(definition, cursor, speaker);
      if (verdict === 'more') undecided = true;
      if (verdict === 'no' || verdict === 'more') continue;
      this.found(definition);
      return { definition, verdict };
    }
    if (undecided) return 'more';
    this.misses = misses + 1;
    this.countUnknown(true);
    return 'no';
  }

  infer(definition: ProtocolParser, cursor: Cursor, speaker: Speaker): Inference {
    const { position } = cursor;
    const verdict = definition.infer(cursor, CONTEXTS[this.transport][speaker]);
    cursor.position = position;
    cursor.overrun = false;
    return verdict;
  }

  /** What it spoke is over. */
  startOver(): void {
    this.misses = 0;
  }

  /** What the socket carries is known from elsewhere: it is neither unknown nor opaque. */
  withdraw(): void {
    this.countUnknown(false);
    if (this.countedOpaque) this.coverage.opaqueTlsSockets -= 1;
  }

  private found(definition: ProtocolParser): void {
    this.misses = 0;
    this.countUnknown(false);
    if (definition.opaque !== true || this.countedOpaque) return;
    this.countedOpaque = true;
    this.coverage.opaqueTlsSockets += 1;
  }

  private countUnknown(unknown: boolean): void {
    if (unknown === this.countedUnknown) return;
    this.countedUnknown = unknown;
    this.coverage.unknownSockets += unknown ? 1 : -1;
  }
}

function contextsOf(transport: Transport) {
  return {
    unknown: { transport },
    client: { transport, fromClient: true },
    server: { transport, fromClient: false },
  } satisfies Record<Speaker, InferenceContext>;
}
