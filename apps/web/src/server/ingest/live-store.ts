import {
  assembleAround,
  attributedCalls,
  createSpanIndex,
  type MemorySpanIndex,
  RecentCalls,
  type RecentlyAttributed,
  type Span,
  type SpanId,
  type TimeOrigin,
} from '@causeway/core';
import type { Sql } from 'postgres';
import { storedTrace } from '../../answers/stored-trace';
import { openCopy, type RowFormat } from '../store/copy-stream';
import { analysePartitions, type PartitionedTable, partitionName } from '../store/partition';
import { SPAN_BLOCK_FORMAT, type SpanBlock, spanBlocks } from '../store/span-blocks';
import { TRACE_FORMAT } from '../store/trace-rows';
import type { TraceCounts } from './capture-row';

/** What the last seconds' calls were made for is asked so often: it costs far more than the rest. */
const ATTRIBUTE_EVERY_MS = 2_000;

/** The spans and traces of a capture that is being received, in memory and in its partitions. */
export class LiveStore {
  readonly index: MemorySpanIndex = createSpanIndex();
  /** Roots of the stored traces, and whether each failed. */
  readonly #traces = new Map<SpanId, boolean>();
  readonly #recent = new RecentCalls();
  #attributedAt = performance.now();
  #fresh: Span[] = [];
  #spans = 0;
  #blocks = 0;
  /** As many there were when the planner was told last: again whenever they have doubled. */
  #analysedBlocks = 0;

  constructor(
    private readonly sql: Sql,
    private readonly captureId: string,
  ) {}

  add(span: Span): void {
    const before = this.index.size;
    this.index.add([span]);
    if (this.index.size === before) return;
    this.#fresh.push(span);
    this.#recent.add(span);
  }

  get counts(): TraceCounts {
    let errorTraces = 0;
    for (const failed of this.#traces.values()) if (failed) errorTraces += 1;
    return { spans: this.#spans, traces: this.#traces.size, errorTraces };
  }

  /**
   * Stores what came since the last flush, in one transaction: a trace never shows without its spans. Says whether there
   * was anything.
   */
  async flush(origin: TimeOrigin): Promise<boolean> {
    const fresh = this.#fresh;
    const { calls, formerParents } = this.#attributeRecent();
    if (fresh.length + calls.length === 0) return false;
    this.#fresh = [];
    this.index.replace(calls);
    // Each once, as it is now; those that were stored before are stored again, and the later block counts.
    const spans = [...new Map([...fresh, ...calls].map((span) => [span.id, span])).values()];
    const left = formerParents.flatMap((id) => this.index.get(id) ?? []);
    const { traces: assembled, absorbed } = assembleAround(this.index, [...spans, ...left]);
    const traces = assembled.map((trace) => storedTrace(trace, origin));
    const blocks: SpanBlock[] = [...spanBlocks(spans, this.#blocks)];
    // Former roots that have a parent now.
    const removed = absorbed.filter((id) => this.#traces.has(id));
    await this.sql.begin(async (transaction) => {
      const sql = transaction as unknown as Sql;
      await sql`SET LOCAL synchronous_commit = off`;
      await this.#copy(sql, 'span_block', SPAN_BLOCK_FORMAT, blocks);
      const outdated = [...removed, ...traces.map(({ row }) => row.id)];
      await sql`DELETE FROM trace WHERE capture_id = ${this.captureId} AND root_id = ANY (${outdated})`;
      await this.#copy(sql, 'trace', TRACE_FORMAT, traces);
    });
    this.#spans += fresh.length;
    this.#blocks += blocks.length;
    if (this.#blocks >= 2 * this.#analysedBlocks) {
      this.#analysedBlocks = this.#blocks;
      await analysePartitions(this.sql, this.captureId);
    }
    for (const root of removed) this.#traces.delete(root);
    for (const [i, trace] of assembled.entries()) this.#traces.set(trace.root, traces[i]?.row.hasError ?? false);
    return true;
  }

  #attributeRecent(): RecentlyAttributed {
    if (performance.now() - this.#attributedAt < ATTRIBUTE_EVERY_MS) return { calls: [], formerParents: [] };
    const answer = this.#recent.attribute();
    this.#attributedAt = performance.now();
    return answer;
  }

  /** Once nothing more will come: says whose the calls were, as far as only the whole capture tells. */
  async attribute(): Promise<void> {
    const spans = attributedCalls(this.index.all());
    this.index.replace(spans);
    const blocks = [...spanBlocks(spans, this.#blocks)];
    await this.sql.begin(async (transaction) => {
      await this.#copy(transaction as unknown as Sql, 'span_block', SPAN_BLOCK_FORMAT, blocks);
    });
    this.#blocks += blocks.length;
  }

  async #copy<T>(sql: Sql, table: PartitionedTable, format: RowFormat<T>, values: readonly T[]): Promise<void> {
    const copy = await openCopy(sql, partitionName(table, this.captureId), format);
    for (const value of values) {
      copy.push(value);
      await copy.drained();
    }
    await copy.end();
  }
}
