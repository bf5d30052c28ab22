import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteQueue } from './byte-queue';

type Step = readonly ['append' | 'drop' | 'peek' | 'at', number, number];
const steps = fc.array(
  fc.tuple(fc.constantFrom<Step[0]>('append', 'append', 'drop', 'peek', 'at'), fc.nat(40), fc.nat(40)),
  { maxLength: 40 },
);

it('gives the bytes that were put in, in whatever pieces, and leaves the views that it gave alone', () => {
  fc.assert(
    fc.property(steps, (list: Step[]) => {
      const queue = new ByteQueue();
      let model: number[] = [];
      let next = 0;
      let dropped = 0;
      const views: { readonly view: Uint8Array; readonly bytes: readonly number[] }[] = [];
      for (const [what, a, b] of list) {
        const [from, to] = [Math.min(a, b, model.length), Math.min(Math.max(a, b), model.length)];
        if (what === 'append') {
          const chunk = Array.from({ length: a }, () => next++ & 0xff);
          queue.append(Uint8Array.from(chunk));
          model.push(...chunk);
        } else if (what === 'drop') {
          queue.drop(to);
          model = model.slice(to);
          dropped += to;
        } else if (what === 'peek') {
          views.push({ view: queue.peek(from, to), bytes: model.slice(from, to) });
          expect(queue.gather(to).subarray(queue.front, queue.front + to)).toEqual(Uint8Array.from(model.slice(0, to)));
        } else if (from < model.length) {
          expect(queue.at(from)).toBe(model[from]);
        }
        expect([queue.length, queue.position]).toEqual([model.length, dropped]);
      }
      for (const { view, bytes } of views) expect([...view]).toEqual(bytes);
    }),
  );
});
