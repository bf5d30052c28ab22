import type { Coverage } from '@causeway/core';
import { bytesText, countOf, countText } from './time-text';

/** What was read, and what could not be: one line each, nothing said about what is not the matter. */
export function coverageText(coverage: Coverage, traces: number): string[] {
  const { spans, incompleteSpans, events, messages, sockets } = coverage;
  const incomplete = incompleteSpans > 0 ? ` (${countText(incompleteSpans)} incomplete)` : '';
  const read = `${countOf(traces, 'trace')}, ${countOf(spans, 'span')}${incomplete}, from ${countOf(messages, 'message')} in ${countOf(events, 'event')} on ${countOf(sockets, 'socket')}`;
  const doubts: readonly (readonly [number, string])[] = [
    [coverage.droppedEvents, `${countOf(coverage.droppedEvents, 'event')} dropped by the kernel's ring`],
    [coverage.lostBytes, `${bytesText(coverage.lostBytes)} moved but not captured, where a parser needed them`],
    [coverage.truncatedMessages, `${countOf(coverage.truncatedMessages, 'message')} captured in part`],
    [coverage.preexistingSockets, `${countOf(coverage.preexistingSockets, 'socket')} older than the capture`],
    [coverage.opaqueTlsSockets, `${countOf(coverage.opaqueTlsSockets, 'socket')} encrypted (TLS)`],
    [coverage.unknownSockets, `${countOf(coverage.unknownSockets, 'socket')} of a protocol that is not read`],
    [
      coverage.limitsReached,
      `${countOf(coverage.limitsReached, 'time')} a connection reached a limit of what is kept for it`,
    ],
    [coverage.parserErrors, `${countOf(coverage.parserErrors, 'failure')} of your own protocol parsers`],
  ];
  return [read, ...doubts.filter(([count]) => count > 0).map(([, text]) => `  ${text}`)];
}
