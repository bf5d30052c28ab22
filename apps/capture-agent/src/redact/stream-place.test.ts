import { describe, expect, it } from 'vitest';
import { missingBefore, type StreamPlace, UNKNOWN } from './stream-place';

type Call = readonly [start: number | undefined, length: number];

const missing = (calls: readonly Call[]) => {
  const place: StreamPlace = {};
  return calls.map(([start, length]) => missingBefore(place, 1, start, length));
};

describe('bytes missing before a call', () => {
  it.each<[string, readonly Call[], readonly number[]]>([
    ['none at first, wherever that is', [[500, 10]], [0]],
    [
      'none in a row',
      [
        [500, 10],
        [510, 5],
        [515, 1],
      ],
      [0, 0, 0],
    ],
    [
      'none across the wrap',
      [
        [0xfffffffe, 10],
        [8, 1],
      ],
      [0, 0],
    ],
    [
      'a lost call',
      [
        [500, 10],
        [530, 5],
        [535, 1],
      ],
      [0, 20, 0],
    ],
    [
      'one that comes late',
      [
        [500, 10],
        [520, 5],
        [510, 10],
        [525, 1],
      ],
      [0, 10, UNKNOWN, 0],
    ],
    [
      'one that comes again, and goes on',
      [
        [500, 10],
        [505, 10],
        [515, 1],
      ],
      [0, UNKNOWN, 0],
    ],
    [
      'another connection',
      [
        [500, 10],
        [0x70000000, 5],
        [0x70000005, 1],
      ],
      [0, UNKNOWN, 0],
    ],
    [
      'straight behind',
      [
        [500, 10],
        [undefined, 5],
        [515, 1],
      ],
      [0, 0, 0],
    ],
    [
      'without numbers',
      [
        [undefined, 5],
        [undefined, 5],
      ],
      [0, 0],
    ],
  ])('%s', (_name, calls, expected) => {
    expect(missing(calls)).toEqual(expected);
  });

  it('is told apart by direction', () => {
    const place: StreamPlace = {};
    expect([missingBefore(place, 1, 5, 5), missingBefore(place, 2, 50, 5), missingBefore(place, 1, 10, 5)]).toEqual([
      0, 0, 0,
    ]);
  });
});
