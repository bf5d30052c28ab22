import { type AssociationKey, createSpanIndex, type Span, type SpanId } from '@causeway/core';
import type { Sql } from 'postgres';
import { hashKey, hashSpanId } from './key-hash';
import { readSpans } from './span-blocks';

/** Spans of one capture as Algorithm 1 asks for them. */
export interface SpanStore {
  get(id: SpanId): Promise<Span | undefined>;
  /** Those that exist, by start. */
  getMany(ids: readonly SpanId[]): Promise<readonly Span[]>;
  /** All spans that hold one of the keys: one indexed query. */
  findByKeys(keys: readonly AssociationKey[]): Promise<readonly Span[]>;
}

/** For one request: blocks are loaded when a question needs them and kept, as the next round asks for their neighbours. */
export function createSpanStore(sql: Sql, captureId: string): SpanStore {
  const index = createSpanIndex();
  const loaded: number[] = [];
  const newest = new Map<SpanId, number>();

  async function load(hashes: readonly number[]): Promise<void> {
    if (hashes.length === 0) return;
    const rows = await sql<{ block: number; body: Buffer }[]>`
      SELECT block, body FROM span_block
      WHERE capture_id = ${captureId} AND keys && ${hashes}::int[] AND block <> ALL (${loaded}::int[])
      ORDER BY block`;
    for (const { block, body } of rows) {
      loaded.push(block);
      // A later block may hold a span once more, with what was found out about it since.
      const spans = readSpans(body).filter(({ id }) => (newest.get(id) ?? -1) < block);
      for (const { id } of spans) newest.set(id, block);
      index.replace(spans);
    }
  }

  return {
    async get(id) {
      await load([hashSpanId(id)]);
      return index.get(id);
    },
    async getMany(ids) {
      await load(ids.filter((id) => index.get(id) === undefined).map(hashSpanId));
      return ids
        .map((id) => index.get(id))
        .filter((span) => span !== undefined)
        .sort(byStart);
    },
    async findByKeys(keys) {
      await load(keys.map(hashKey));
      return index.findByKeys(keys);
    },
  };
}

function byStart(a: Span, b: Span): number {
  return a.start - b.start || (a.id < b.id ? -1 : 1);
}
