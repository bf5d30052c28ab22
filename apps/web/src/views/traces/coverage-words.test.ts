import type { Coverage } from '@causeway/core';
import { expect, it } from 'vitest';
import { gapsOf, lossesThatHideParents } from './coverage-words';

const COMPLETE: Coverage = {
  events: 100,
  dataEvents: 80,
  messages: 40,
  spans: 20,
  incompleteSpans: 0,
  sockets: 9,
  preexistingSockets: 0,
  unknownSockets: 0,
  opaqueTlsSockets: 0,
  truncatedMessages: 0,
  lostBytes: 0,
  droppedEvents: 0,
  parserErrors: 0,
  limitsReached: 0,
};

it('has nothing to say when everything was seen', () => {
  expect(gapsOf(COMPLETE)).toEqual([]);
  expect(lossesThatHideParents(COMPLETE)).toBeUndefined();
  expect(lossesThatHideParents(undefined)).toBeUndefined();
});

it('names each gap with its amount, drops first', () => {
  const gaps = gapsOf({ ...COMPLETE, truncatedMessages: 3, droppedEvents: 1200, lostBytes: 2048 });
  expect(gaps.map((gap) => `${gap.name} ${gap.amount}`)).toEqual([
    'Dropped events 1,200',
    'Lost bytes 2.0 KiB',
    'Truncated messages 3',
  ]);
});

it('says which losses could hide a parent', () => {
  expect(lossesThatHideParents({ ...COMPLETE, preexistingSockets: 2, opaqueTlsSockets: 1 })).toBe(
    'Elsewhere the capture has gaps, in which a caller could be hidden: 1 connection encrypted, 2 connections older than the capture.',
  );
});
