import type { MissingEdge, MissingSign, SpanId } from '@causeway/core';
import { expect, it } from 'vitest';
import { missingVerdict, signSentence } from './missing-words';

const edge = (what: MissingEdge['what'], lossPossible: boolean, signs: readonly MissingSign[] = []): MissingEdge => ({
  ...{ span: 's' as SpanId, what, lossPossible, signs },
});
const open: MissingSign = { kind: 'half-missing', reason: 'still-open' };
const dropped: MissingSign = { kind: 'events-dropped', events: 1 };

it.each([
  [edge('parent', true, [dropped]), 'Its parent may have been lost, or never captured:'],
  [edge('response', true, [dropped]), 'The response may have been lost, or never captured:'],
  [
    edge('parent', false),
    'At this span nothing was lost that could explain it: its caller was not recorded at all, or there is none.',
  ],
  [edge('response', false, [open]), 'Nothing was lost that could explain it; the response had not come:'],
  [edge('request', false), 'The request had not come, as far as was seen.'],
])('says whether loss could be the reason (%#)', (missing, sentence) => {
  expect(missingVerdict(missing)).toBe(sentence);
});

it.each<[MissingSign, string]>([
  [open, 'One half of it was not seen: it was still open when the capture ended.'],
  [{ kind: 'half-missing', reason: 'unknown' }, 'One half of it was not seen.'],
  [dropped, '1 event of its host dropped while it was at work.'],
  [{ kind: 'events-dropped', events: 12 }, '12 events of its host dropped while it was at work.'],
  [{ kind: 'search-stopped' }, 'The search stopped with keys left to ask.'],
])('puts a sign into words (%#)', (sign, sentence) => {
  expect(signSentence(sign)).toBe(sentence);
});
