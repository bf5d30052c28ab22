import { assembleAll, assembleTrace, attributeCalls, createSpanIndex, type SysSpan } from '../src/index';
import { THREE_TIER_SPANS, threeTierTraces } from '../src/testing/index';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  readonly atMost?: true;
  readonly note?: string;
}

/** Of a whole capture: the first is slower, as the compiler is still at work. */
const PASSES = 5;

function secondsOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

/** `count` spans or a few more. */
function makeSpans(count: number): SysSpan[] {
  const spans: SysSpan[] = [];
  for (const trace of threeTierTraces(500_000)) {
    spans.push(...trace);
    if (spans.length >= count) break;
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
    const passes = Array.from({ length: PASSES }, () => secondsOf(() => assembleAll(index)));
    const rate = (from: number, to: number) => spans.length / ((to - from) / 1000);
    const size = `${count / 1000}k`;
    rows.push(
      {
        name: `assemble whole capture of ${size} spans`,
        value: spans.length / passes.toSorted((a, b) => a - b)[PASSES >> 1]!,
        unit: 'spans/s',
        target: 200_000,
        note: `median of ${PASSES} passes; the first ${Math.round(spans.length / passes[0]! / 1000)}k`,
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
  const RUNS = 1000;
  const times: number[] = [];
  let size = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const start = spans[(run * 7919 * THREE_TIER_SPANS + run) % spans.length]!;
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
