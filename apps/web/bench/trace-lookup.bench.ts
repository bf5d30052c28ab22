import type { SpanId, SysSpan } from '@causeway/core';
import { THREE_TIER_SPANS, threeTierTraces } from '@causeway/core/testing';
import type { Sql } from 'postgres';
import { spanSources } from '../src/answers/span-sources';
import { viewTrace } from '../src/answers/trace-views';
import { captureRecord } from '../src/server/store/capture-rows';
import { openCopy } from '../src/server/store/copy-stream';
import { addIndexes, analysePartitions, attachPartition, createLoadingTable } from '../src/server/store/partition';
import { SPAN_BLOCK_FORMAT, SPANS_A_BLOCK } from '../src/server/store/span-blocks';
import { createSpanStore } from '../src/server/store/span-store';
import { openBenchDatabase, type Row } from './bench-database';

const SPANS = Number(process.env.CAUSEWAY_BENCH_SPANS ?? 5_000_000);
/** One request every 20 µs: some 35 are under way at a time, so that the spans of one lie in many blocks. */
const EVERY_NS = 20_000;
/** Traces whose spans are brought into the order of their ends at once; far more than are under way. */
const WINDOW = 1_000;
const LOOKS = 300;
const ID = '00000000-0000-4000-8000-0000000000bf';

/** One trace out of millions of spans in the embedded database, as the trace page asks for it: all rounds, and the assembly. */
export default async function traceLookupBench(): Promise<Row[]> {
  const bench = await openBenchDatabase();
  const { database } = bench;
  try {
    const capture = await database.prisma.capture.create({
      data: { id: ID, name: 'bench', origin: 'upload', state: 'ready', filePath: 'none', timeOrigin: 0n },
    });
    const began = performance.now();
    await load(database.sql);
    const loaded = (performance.now() - began) / 1000;

    const traces = Math.ceil(SPANS / THREE_TIER_SPANS);
    const captures = [captureRecord(capture)];
    const sources = spanSources(captures);
    const look = async (i: number) => {
      // Far from each other, so that none finds the pages of another in memory by chance.
      const span = `${(i * 7_919) % traces}-s${i % 10}` as SpanId;
      const store = createSpanStore(database.sql, sources);
      const { spans } = await viewTrace({ id: ID, captures, sources, store }, span);
      if (spans.length !== THREE_TIER_SPANS) throw new Error(`a trace of ${spans.length} spans`);
    };
    for (let i = 1; i <= 20; i += 1) await look(-i + traces);
    const times: number[] = [];
    for (let i = 0; i < LOOKS; i += 1) {
      const asked = performance.now();
      await look(i);
      times.push(performance.now() - asked);
    }
    times.sort((a, b) => a - b);
    const millions = `${SPANS / 1e6}M`;
    const note = `${LOOKS} traces of ${THREE_TIER_SPANS} spans; loaded in ${loaded.toFixed(0)} s`;
    const at = (share: number) => times[Math.floor(LOOKS * share)]!;
    return [
      { name: `one trace out of ${millions} spans in PostgreSQL, median`, value: at(0.5), unit: 'ms', note },
      {
        name: `one trace out of ${millions} spans in PostgreSQL, p95`,
        ...{ value: at(0.95), unit: 'ms', target: 50, atMost: true, note },
      },
    ];
  } finally {
    await bench.close();
  }
}

/** Loads the spans into a partition such as the ingest of a file makes. */
async function load(pool: Sql): Promise<void> {
  await pool.begin(async (transaction) => {
    const sql = transaction as unknown as Sql;
    const table = await createLoadingTable(sql, 'span_block', ID);
    const copy = await openCopy(sql, table, SPAN_BLOCK_FORMAT, { frozen: true });
    let block: SysSpan[] = [];
    for (const span of spansByEnd()) {
      block.push(span);
      if (block.length < SPANS_A_BLOCK) continue;
      copy.push({ block: copy.rows, spans: block });
      await copy.drained();
      block = [];
    }
    if (block.length > 0) copy.push({ block: copy.rows, spans: block });
    await copy.end();
    // At once, in much memory: the ingest of a file keeps them up to date row by row, which takes longer for as many.
    await sql`SET LOCAL maintenance_work_mem = '1GB'`;
    await addIndexes(sql, 'span_block', ID);
    await attachPartition(sql, 'span_block', ID);
    await createLoadingTable(sql, 'trace', ID);
    await analysePartitions(sql, ID);
  });
}

/** Spans in the order in which they end, as a capture has them. */
function* spansByEnd(): Generator<SysSpan> {
  let waiting: SysSpan[] = [];
  let made = 0;
  for (const trace of threeTierTraces(EVERY_NS)) {
    waiting.push(...trace);
    made += trace.length;
    const last = made >= SPANS;
    if (waiting.length < 2 * WINDOW * THREE_TIER_SPANS && !last) continue;
    waiting.sort((a, b) => a.end - b.end);
    const done = last ? waiting.length : WINDOW * THREE_TIER_SPANS;
    yield* waiting.slice(0, done);
    waiting = waiting.slice(done);
    if (last) return;
  }
}
