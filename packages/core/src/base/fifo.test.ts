import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from './fifo';

type Step = 'push' | 'shift' | 'keepLast' | 'drain';

it('does as an array does', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom<Step>('push', 'push', 'push', 'shift', 'shift', 'keepLast', 'drain'), fc.nat(1500)),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      let next = 0;
      for (const [step, times] of list) {
        if (step === 'keepLast') {
          fifo.keepLast();
          model = model.slice(-1);
        }
        for (let i = 0; i < (step === 'drain' ? model.length : times) && step !== 'keepLast'; i += 1) {
          if (step === 'push') {
            fifo.push(next);
            model.push(next++);
          } else expect(fifo.shift()).toBe(model.shift());
        }
        expect([fifo.length, fifo.first, [...fifo]]).toEqual([model.length, model[0], model]);
      }
    }),
    { numRuns: 20 },
  );
});
