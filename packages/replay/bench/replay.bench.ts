import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleAll, createSpanIndex, type Span } from '@causeway/core';
import { createReplay, readCapture } from '../src/index';
import { fileSource, nodeCodec } from '../src/node';
import { writeShopCapture } from './shop-traffic';

const SMALL = 5_000;
const LARGE = 8 * SMALL;
const RUNS = 3;
const MB = 1e6;

async function replay(path: string, onSpan: (span: Span) => void, each: () => void = () => {}): Promise<void> {
  const loop = createReplay({ onSpan });
  for await (const item of readCapture(fileSource(path), nodeCodec)) {
    loop.push(item);
    each();
  }
  loop.end();
}

interface Speed {
  /** Milliseconds. */
  readonly toSpans: number;
  readonly toTraces: number;
  readonly note: string;
}

/** File to traces: everything that `causeway replay` does but printing. */
async function speed(path: string, events: number): Promise<Speed> {
  const begin = performance.now();
  const spans: Span[] = [];
  await replay(path, (span) => spans.push(span));
  const replayed = performance.now();
  const traces = assembleAll(createSpanIndex(spans));
  const toTraces = performance.now() - begin;
  return {
    toSpans: replayed - begin,
    toTraces,
    note: `${events} events, ${spans.length} spans, ${traces.length} traces`,
  };
}

/** Most live memory while replaying with the spans given away, in bytes above that at the start. */
async function peak(path: string): Promise<number> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('run with --expose-gc');
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const start = used();
  let most = 0;
  let items = 0;
  await replay(
    path,
    () => {},
    () => {
      if (++items % 10 === 0) most = Math.max(most, used() - start);
    },
  );
  return most;
}

export default async function replayBench() {
  const path = (name: string) => join(tmpdir(), `causeway-replay-${process.pid}-${name}.causeway.msgpack`);
  const small = path('small');
  const large = path('large');
  try {
    const smallEvents = writeShopCapture(small, SMALL);
    const largeEvents = writeShopCapture(large, LARGE);
    const runs: Speed[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await speed(large, largeEvents));
    const median = runs.sort((a, b) => a.toTraces - b.toTraces)[RUNS >> 1]!;
    const smallPeak = await peak(small);
    const largePeak = await peak(large);
    return [
      {
        name: 'replay file → traces, one thread',
        value: (largeEvents / median.toTraces) * 1000,
        unit: 'events/s',
        target: 300_000,
        note: `${median.note}, median of ${RUNS} runs`,
      },
      {
        name: '… of which file → spans',
        value: (largeEvents / median.toSpans) * 1000,
        unit: 'events/s',
        note: 'reading, protocols, sessions',
      },
      {
        name: '… of which spans → traces',
        value: (largeEvents / (median.toTraces - median.toSpans)) * 1000,
        unit: 'events/s',
        note: 'index and parent rules',
      },
      { name: 'replay, peak memory, small file', value: smallPeak / MB, unit: 'MB', note: `${smallEvents} events` },
      {
        name: 'replay, peak memory, 8 times the file',
        value: largePeak / MB,
        unit: 'MB',
        note: `${largeEvents} events`,
      },
      {
        name: 'replay, memory that grows with the file',
        value: (largePeak - smallPeak) / (largeEvents - smallEvents),
        unit: 'bytes an event',
        target: 8,
        atMost: true,
        note: 'spans given away as they come',
      },
    ];
  } finally {
    rmSync(small, { force: true });
    rmSync(large, { force: true });
  }
}
