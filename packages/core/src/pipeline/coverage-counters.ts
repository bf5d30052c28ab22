import type { Coverage } from '../pipeline';

/** Coverage while it is being counted. */
export type CoverageCounters = { -readonly [Name in keyof Coverage]: Coverage[Name] };

export function newCoverageCounters(): CoverageCounters {
  return {
    events: 0,
    dataEvents: 0,
    messages: 0,
    spans: 0,
    incompleteSpans: 0,
    sockets: 0,
    preexistingSockets: 0,
    unknownSockets: 0,
    opaqueTlsSockets: 0,
    truncatedMessages: 0,
    lostBytes: 0,
    droppedEvents: 0,
    parserErrors: 0,
    limitsReached: 0,
  };
}
