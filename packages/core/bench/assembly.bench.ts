import { assembleAll, assembleTrace, attributeCalls, createSpanIndex, type SysSpan } from '../src/index';
import { testSpan } from '../src/testing/index';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  readonly atMost?: true;
  readonly note?: string;
}

/** Calls a gateway makes for one request; each is seen at both ends and calls Redis once more. */
const CALLS = 9;
/** Gateway and its caller, then four spans a call, two more for a last call that calls nothing. */
const SPANS_PER_TRACE = 2 + CALLS * 4 + 2;
const MICROSECOND = 1000;
const PROCESSES = 16;

/** Requests through three tiers, one after the other in each of some processes, `count` spans or a few more. */
function makeSpans(count: number): SysSpan[] {
  const spans: SysSpan[] = [];
  let sequence = 1;
  const systrace = new Array<number>(PROCESSES * 3).fill(1);
  for (let trace = 0; spans.length < count; trace += 1) {
    const process = trace % PROCESSES;
    let now = trace * 500 * MICROSECOND;
    const nextSeq = () => {
      sequence = (sequence * 1_664_525 + 1_013_904_223) % 0x1_0000_0000;
      return sequence;
    };
    const nextId = (tier: number) => ++systrace[process * 3 + tier]! * PROCESSES + process;
    const name = (part: string) => `${trace}-${part}`;
    const wire = () => [nextSeq(), nextSeq()] as const;
    const tier = (pid: number, host: string, ids: readonly [number, number]) => ({
      pid: pid + process,
      host,
      systrace: ids,
    });

    const start = now;
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
        inner.push(
          testSpan({ id: name(`r${call}`), tapSide: 'c-p', start: now + 4000, end: end - 4000, seq: redis, ...server }),
          testSpan({
            id: name(`q${call}`),
            tapSide: 's-p',
            start: now + 6000,
            end: end - 6000,
            seq: redis,
            ...tier(300, 'db', [id, id]),
          }),
        );
      }
      now = end;
      last = next;
    }
    spans.push(
      testSpan({ id: name('client'), start, end: now + 90_000, seq: outside, host: 'user', pid: 1 }),
      testSpan({
        id: name('root'),
        tapSide: 's-p',
        start,
        end: now + 80_000,
        seq: outside,
        ...tier(100, 'web', [first, last]),
      }),
      ...inner,
    );
  }
  return spans;
}

/** Speed of the assembly in memory, by size of the capture; and of one trace out of the largest. */
export default async function bench(): Promise<Row[]> {
  const rows: Row[] = [];
  assembleAll(createSpanIndex(makeSpans(20_000)));
  for (const count of [10_000, 100_000, 1_000_000]) {
    const spans = makeSpans(count);
    globalThis.gc?.();
    const before = performance.now();
    attributeCalls(spans);
    const began = performance.now();
    const index = createSpanIndex(spans);
    const indexed = performance.now();
    const traces = assembleAll(index);
    const ended = performance.now();
    const rate = (from: number, to: number) => spans.length / ((to - from) / 1000);
    const size = `${count / 1000}k`;
    rows.push(
      {
        name: `assemble whole capture of ${size} spans`,
        value: rate(indexed, ended),
        unit: 'spans/s',
        target: 200_000,
        note: `${traces.length} traces`,
      },
      {
        name: `look for calls to attribute in ${size} spans of threads that handle one request at a time`,
        value: rate(before, began),
        unit: 'spans/s',
      },
      { name: `index ${size} spans`, value: rate(began, indexed), unit: 'spans/s' },
    );
    if (count === 1_000_000) rows.push(...oneTrace(spans, index));
  }
  return rows;
}

function oneTrace(spans: readonly SysSpan[], index: ReturnType<typeof createSpanIndex>): Row[] {
  const RUNS = 200;
  const times: number[] = [];
  let size = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const start = spans[(run * 7919 * SPANS_PER_TRACE + run) % spans.length]!;
    const began = performance.now();
    size = assembleTrace(index, start).spans.length;
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const note = `${size} spans, ${RUNS} traces`;
  return [
    {
      name: 'assemble one trace out of 1M spans, median',
      value: times[RUNS / 2]!,
      unit: 'ms',
      target: 5,
      atMost: true,
      note,
    },
    {
      name: 'assemble one trace out of 1M spans, p95',
      value: times[RUNS * 0.95]!,
      unit: 'ms',
      target: 5,
      atMost: true,
      note,
    },
  ];
}
