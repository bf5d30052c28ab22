import { assertUnreachable, type IncompleteReason, type MissingEdge, type MissingSign } from '@causeway/core';
import { formatPlural } from '../../format/quantity';

/** Why a half of a span is missing, as far as the span itself tells. */
export const INCOMPLETE: Readonly<Record<IncompleteReason, string>> = {
  'no-response-seen': 'no response was seen',
  'no-request-seen': 'no request was seen',
  'connection-closed': 'the connection closed first',
  'older-than-capture': 'its connection is older than the capture',
  'still-open': 'it was still open when the capture ended',
};

/** Whether loss could be the reason, in a sentence. */
export function missingVerdict({ what, lossPossible, signs }: MissingEdge): string {
  if (lossPossible) {
    return what === 'parent'
      ? 'Its parent may have been lost, or never captured:'
      : `The ${what} may have been lost, or never captured:`;
  }
  if (what === 'parent') {
    return 'At this span nothing was lost that could explain it: its caller was not recorded at all, or there is none.';
  }
  return signs.length === 0
    ? `The ${what} had not come, as far as was seen.`
    : `Nothing was lost that could explain it; the ${what} had not come:`;
}

/** `no parent`, `no response`. */
export function missingName({ what }: MissingEdge): string {
  return `no ${what}`;
}

export function signSentence(sign: MissingSign): string {
  switch (sign.kind) {
    case 'half-missing':
      return sign.reason === 'unknown'
        ? 'One half of it was not seen.'
        : `One half of it was not seen: ${INCOMPLETE[sign.reason]}.`;
    case 'truncated':
      return 'Its payload was not captured in full, so ids in its headers may be missing.';
    case 'preexisting-socket':
      return 'Its connection is older than the capture, so the beginning of the exchange was not seen.';
    case 'no-sequence':
      return 'It has no TCP sequence number, by which its other end would be known.';
    case 'no-systrace-id':
      return 'Its thread had no request open: what it was handling was not seen.';
    case 'events-dropped':
      return `${formatPlural(sign.events, 'event')} of its host dropped while it was at work.`;
    case 'search-stopped':
      return 'The search stopped with keys left to ask.';
    default:
      return assertUnreachable(sign);
  }
}
