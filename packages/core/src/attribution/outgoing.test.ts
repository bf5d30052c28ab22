import { describe, expect, it } from 'vitest';
import type { Nanoseconds } from '../base/brand';
import type { SysSpan } from '../span/span';
import { testSpan } from '../testing/index';
import { outgoing } from './outgoing';

const at = (time: number, loopTurn?: number) => ({ time: time as Nanoseconds, tid: 100, loopTurn });

const call = (
  id: string,
  socket: string,
  [start, end]: [number, number],
  systrace: [number, number],
  more = {},
): SysSpan => testSpan({ id, socket, start, end, firstResponseByte: end as Nanoseconds, systrace, ...more } as never);

const idsOf = (spans: readonly SysSpan[]) => outgoing(spans).map((each) => each.spans.map(({ id }) => id).join(' '));

describe('outgoing', () => {
  const connection = { connected: at(5, 3), ended: at(90, 9) };

  it('takes what was said on a connection for one purpose together, from when it was asked for', () => {
    const login = call('login', 's', [10, 20], [1, 2], { connection });
    const query = call('query', 's', [21, 30], [2, 3], { connection });
    const [only, ...others] = outgoing([login, query]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ spans: [login, query], asked: at(5, 3), ended: at(90, 9) });
  });

  it.each([
    ['the connection is older than the capture', { ended: at(90) }, [2, 3]],
    ['it did not end', { connected: at(5) }, [2, 3]],
    ['it lay idle between', connection, [7, 8]],
  ])('leaves calls apart when %s', (_, life, systrace) => {
    const first = call('first', 's', [10, 20], [1, 2], { connection: life });
    const second = call('second', 's', [21, 30], systrace as [number, number], { connection: life });
    expect(idsOf([first, second])).toEqual(['first', 'second']);
    expect(outgoing([first, second])[1]!.previous?.spans).toEqual([first]);
  });

  it('leaves the calls of a connection that many use apart', () => {
    const calls = Array.from({ length: 6 }, (_, i) =>
      call(`c${i}`, 's', [10 * i + 10, 10 * i + 15], [i, i + 1], { connection }),
    );
    expect(idsOf(calls)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5']);
  });

  it('goes by the time at which each was decided', () => {
    const waited = call('waited', 's', [50, 60], [4, 5], { connection: { connected: at(5) } });
    const direct = call('direct', 't', [20, 30], [2, 3]);
    expect(idsOf([direct, waited])).toEqual(['waited', 'direct']);
  });
});
