import { describe, expect, it } from 'vitest';
import type { SystraceId } from '../base/brand';
import { Direction } from '../event/event-block';
import { SystraceSource, ThreadTrace } from './systrace';

/** `in A` = a message came in from socket A; the number is the id that it gets, 0 = none. */
type Step = readonly ['in' | 'out', string, number];

const TABLE: readonly (readonly [string, readonly Step[]])[] = [
  [
    'a request that calls B and C: A has (1, 3), B (1, 2), C (2, 3)',
    [
      ['in', 'A', 1],
      ['out', 'B', 1],
      ['in', 'B', 2],
      ['out', 'C', 2],
      ['in', 'C', 3],
      ['out', 'A', 3],
    ],
  ],
  [
    'a leaf answers with the id of its request',
    [
      ['in', 'A', 1],
      ['out', 'A', 1],
      ['in', 'A', 2],
      ['out', 'A', 2],
    ],
  ],
  [
    'a pure client has no id until an answer comes in',
    [
      ['out', 'A', 0],
      ['in', 'A', 1],
      ['out', 'A', 1],
    ],
  ],
  [
    'requests fanned out in a row share the id',
    [
      ['in', 'A', 1],
      ['out', 'B', 1],
      ['out', 'C', 1],
      ['in', 'B', 2],
      ['in', 'C', 3],
    ],
  ],
  [
    'requests read in a row from one socket share an id',
    [
      ['in', 'A', 1],
      ['in', 'A', 1],
      ['out', 'A', 1],
      ['out', 'A', 1],
    ],
  ],
  [
    'requests read in a row from two sockets do not',
    [
      ['in', 'A', 1],
      ['in', 'B', 2],
      ['out', 'A', 2],
    ],
  ],
  [
    'a thread used again starts a new piece of work',
    [
      ['in', 'A', 1],
      ['out', 'A', 1],
      ['in', 'B', 2],
      ['out', 'B', 2],
    ],
  ],
];

describe('systrace state machine', () => {
  it.each(TABLE)('%s', (_name, steps) => {
    const trace = new ThreadTrace(new SystraceSource());
    const ids = steps.map(
      ([way, socket]) => trace.message(way === 'in' ? Direction.ingress : Direction.egress, socket) ?? 0,
    );
    expect(ids).toEqual(steps.map(([, , id]) => id));
  });

  it('turns back to what a connection was about when it reads its end', () => {
    const trace = new ThreadTrace(new SystraceSource());
    trace.message(Direction.ingress, 'A');
    trace.message(Direction.ingress, 'B');
    trace.resume(1 as SystraceId);
    expect([trace.openId, trace.message(Direction.egress, 'C')]).toEqual([1, 1]);
    expect(trace.message(Direction.ingress, 'B')).toBe(3);
    trace.resume(undefined);
    expect(trace.openId).toBe(4);
  });

  it('numbers the threads of a host from one source, and forgets a thread that ended', () => {
    const source = new SystraceSource();
    const [one, two] = [new ThreadTrace(source), new ThreadTrace(source)];
    expect(one.message(Direction.ingress, 'A')).toBe(1);
    expect(two.message(Direction.ingress, 'B')).toBe(2);
    one.forget();
    expect(one.message(Direction.egress, 'A')).toBeUndefined();
  });
});

describe('a step that was no message', () => {
  it('is as if it had never been', () => {
    const thread = new ThreadTrace(new SystraceSource());
    thread.message(Direction.ingress, 'A');
    thread.message(Direction.egress, 'B');
    expect(thread.message(Direction.ingress, 'B')).toBe(2);
    thread.undo(thread.step);
    expect(thread.message(Direction.egress, 'A')).toBe(1);
    expect(thread.message(Direction.ingress, 'A')).toBe(2);
  });

  it('stays when the thread has gone on', () => {
    const thread = new ThreadTrace(new SystraceSource());
    thread.message(Direction.ingress, 'A');
    const { step } = thread;
    thread.message(Direction.egress, 'B');
    thread.undo(step);
    expect(thread.message(Direction.egress, 'A')).toBe(1);
  });

  it('gives no number back that others have followed', () => {
    const source = new SystraceSource();
    const [one, other] = [new ThreadTrace(source), new ThreadTrace(source)];
    one.message(Direction.ingress, 'A');
    expect(other.message(Direction.ingress, 'B')).toBe(2);
    one.undo(one.step);
    expect(one.message(Direction.ingress, 'A')).toBe(3);
  });
});

describe('turns of the event loop', () => {
  it.each([
    ['count on when the count begins anew', [254, 255, 1, 3], [1, 2, 3, 5]],
    ['begin with 1, whatever was counted before', [77, 77, 78], [1, 1, 2]],
    ['are not known of events that do not tell', [0, 5, 0, 6], [undefined, 1, undefined, 2]],
  ])('%s', (_, counts, turns) => {
    const thread = new ThreadTrace(new SystraceSource());
    expect(counts.map((count) => thread.loopTurnAt(count))).toEqual(turns);
  });
});
