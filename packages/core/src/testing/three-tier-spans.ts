import type { SysSpan } from '../span/span';
import { testSpan } from './test-span';

/** Calls a gateway makes for one request; each is seen at both ends and calls Redis once more. */
const CALLS = 9;
/** Of each request: gateway and its caller, then four a call, two more for a last call that calls nothing. */
export const THREE_TIER_SPANS = 2 + CALLS * 4 + 2;
const MICROSECOND = 1000;
const PROCESSES = 16;

/**
 * Requests through three tiers, for measurements: as many as one takes, one every so many nanoseconds, each about 700 µs
 * long and in one of some processes. Keys never repeat.
 */
export function* threeTierTraces(every: number): Generator<SysSpan[]> {
  let sequence = 1;
  const nextSeq = () => {
    sequence = (sequence * 1_664_525 + 1_013_904_223) % 0x1_0000_0000;
    return sequence;
  };
  const wire = () => [nextSeq(), nextSeq()] as const;
  const systrace = new Array<number>(PROCESSES * 3).fill(1);
  for (let trace = 0; ; trace += 1) {
    const process = trace % PROCESSES;
    const nextId = (tier: number) => ++systrace[process * 3 + tier]! * PROCESSES + process;
    const name = (part: string) => `${trace}-${part}`;
    const tier = (pid: number, host: string, ids: readonly [number, number]) => ({
      pid: pid + process,
      host,
      systrace: ids,
    });

    const start = trace * every;
    let now = start;
    const first = nextId(0);
    let last = first;
    const outside = wire();
    const inner: SysSpan[] = [];
    for (let call = 0; call <= CALLS; call += 1) {
      now += 20 * MICROSECOND;
      const next = nextId(0);
      const seq = wire();
      const end = now + 40 * MICROSECOND;
      inner.push(
        testSpan({ id: name(`c${call}`), tapSide: 'c-p', start: now, end, seq, ...tier(100, 'web', [last, next]) }),
      );
      const [open, answer] = [nextId(1), nextId(1)];
      const server = tier(200, 'api', call < CALLS ? [open, answer] : [open, open]);
      inner.push(
        testSpan({ id: name(`s${call}`), tapSide: 's-p', start: now + 2000, end: end - 2000, seq, ...server }),
      );
      if (call < CALLS) {
        const redis = wire();
        const id = nextId(2);
        const db = tier(300, 'db', [id, id]);
        inner.push(
          testSpan({ id: name(`r${call}`), tapSide: 'c-p', start: now + 4000, end: end - 4000, seq: redis, ...server }),
          testSpan({ id: name(`q${call}`), tapSide: 's-p', start: now + 6000, end: end - 6000, seq: redis, ...db }),
        );
      }
      now = end;
      last = next;
    }
    const gateway = tier(100, 'web', [first, last]);
    yield [
      testSpan({ id: name('client'), start, end: now + 90_000, seq: outside, host: 'user', pid: 1 }),
      testSpan({ id: name('root'), tapSide: 's-p', start, end: now + 80_000, seq: outside, ...gateway }),
      ...inner,
    ];
  }
}
