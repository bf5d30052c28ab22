import type { HostId, LossInterval, Nanoseconds } from '@causeway/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LossLog, MAX_LOSS_INTERVALS } from './loss-log';

const loss = (host: string, from: number, to: number, events: number): LossInterval => ({
  ...{ hostId: host as HostId, from: from as Nanoseconds, to: to as Nanoseconds, events },
});

it('keeps what fits as it came', () => {
  const log = new LossLog();
  const all = [loss('a', 0, 5, 2), loss('b', 3, 4, 1)];
  for (const each of all) log.add(each);
  expect(log.intervals).toEqual(all);
});

it('of any number, keeps each event, at a time that its interval covers', () => {
  const some = fc.array(fc.record({ host: fc.constantFrom('a', 'b'), events: fc.integer({ min: 1, max: 9 }) }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(some, fc.integer({ min: 0, max: 2 * MAX_LOSS_INTERVALS }), (random, regular) => {
      const log = new LossLog();
      const added = [...random, ...Array.from({ length: regular }, () => ({ host: 'a', events: 1 }))].map(
        ({ host, events }, i) => loss(host, i * 10, i * 10 + 10, events),
      );
      for (const each of added) log.add(each);
      expect(log.intervals.length).toBeLessThanOrEqual(MAX_LOSS_INTERVALS + 1);
      for (const host of ['a', 'b']) {
        const sum = (all: readonly LossInterval[]) =>
          all.reduce((events, each) => events + (each.hostId === host ? each.events : 0), 0);
        expect(sum(log.intervals)).toBe(sum(added));
      }
      for (const { hostId, from, to } of added) {
        expect(log.intervals.some((kept) => kept.hostId === hostId && kept.from <= from && kept.to >= to)).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});
