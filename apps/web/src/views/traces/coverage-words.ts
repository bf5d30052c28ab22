import type { Coverage } from '@causeway/core';
import type { CaptureDetail } from '../../api/contract';
import { formatBytes, formatCount, formatPlural } from '../format/quantity';

/** One thing that was not seen: how many, and what that means for the traces. */
export interface Gap {
  readonly name: string;
  readonly amount: string;
  readonly meaning: string;
  /** Parents may be missing because of it. */
  readonly mayHideParents: boolean;
}

/** What the capture could not see, worst first; empty when all was seen. */
export function gapsOf(coverage: Coverage): Gap[] {
  const gaps: (Gap & { readonly count: number })[] = [
    {
      name: 'Dropped events',
      count: coverage.droppedEvents,
      amount: formatCount(coverage.droppedEvents),
      meaning: 'The kernel’s buffer was full. Spans and parents may be missing; record fewer processes next time.',
      mayHideParents: true,
    },
    {
      name: 'Encrypted connections',
      count: coverage.opaqueTlsSockets,
      amount: formatCount(coverage.opaqueTlsSockets),
      meaning: 'They carry TLS, so their requests cannot be read.',
      mayHideParents: true,
    },
    {
      name: 'Connections older than the capture',
      count: coverage.preexistingSockets,
      amount: formatCount(coverage.preexistingSockets),
      meaning: 'Their first bytes were not seen, so who called whom had to be worked out from what followed.',
      mayHideParents: true,
    },
    {
      name: 'Unrecognised connections',
      count: coverage.unknownSockets,
      amount: formatCount(coverage.unknownSockets),
      meaning: 'They carry payload in a protocol that Causeway does not read.',
      mayHideParents: true,
    },
    {
      name: 'Lost bytes',
      count: coverage.lostBytes,
      amount: formatBytes(coverage.lostBytes),
      meaning: 'They lie in holes that no parser could skip; messages inside them are missing.',
      mayHideParents: true,
    },
    {
      name: 'Limits reached',
      // Captures that were read by an earlier version did not count them.
      count: coverage.limitsReached ?? 0,
      amount: formatCount(coverage.limitsReached ?? 0),
      meaning: 'More was to be kept for a connection than may be; the oldest of it counts as lost or unanswered.',
      mayHideParents: false,
    },
    {
      name: 'Incomplete spans',
      count: coverage.incompleteSpans,
      amount: formatCount(coverage.incompleteSpans),
      meaning: 'Only the request or only the response was seen.',
      mayHideParents: false,
    },
    {
      name: 'Truncated messages',
      count: coverage.truncatedMessages,
      amount: formatCount(coverage.truncatedMessages),
      meaning: 'Longer than the payload limit; fields beyond it were not captured.',
      mayHideParents: false,
    },
  ];
  return gaps.filter((gap) => gap.count > 0).map(({ count: _, ...gap }) => gap);
}

/** For one missing parent: the losses of this capture that could explain it, in one sentence; undefined when there are none. */
export function lossesThatHideParents(coverage: Coverage | undefined): string | undefined {
  if (coverage === undefined) return undefined;
  const parts: string[] = [];
  if (coverage.droppedEvents > 0) parts.push(`${formatPlural(coverage.droppedEvents, 'event')} dropped`);
  if (coverage.opaqueTlsSockets > 0) parts.push(`${formatPlural(coverage.opaqueTlsSockets, 'connection')} encrypted`);
  if (coverage.preexistingSockets > 0) {
    parts.push(`${formatPlural(coverage.preexistingSockets, 'connection')} older than the capture`);
  }
  if (coverage.unknownSockets > 0) parts.push(`${formatPlural(coverage.unknownSockets, 'connection')} not recognised`);
  if (parts.length === 0) return undefined;
  return `Elsewhere the capture has gaps, in which a caller could be hidden: ${parts.join(', ')}.`;
}

/** Whether the strip above the list has anything to say. */
export function hasSevereGaps(capture: CaptureDetail): boolean {
  const coverage = capture.coverage;
  return capture.damage.length > 0 || (coverage !== undefined && gapsOf(coverage).some((gap) => gap.mayHideParents));
}
