import type { AssociationKey, Span, SpanId } from '@causeway/core';
import type { Sql } from 'postgres';
import { hashKey } from './key-hash';

/** Spans of one capture as Algorithm 1 asks for them. */
export interface SpanStore {
  get(id: SpanId): Promise<Span | undefined>;
  /** Those that exist, by start. */
  getMany(ids: readonly SpanId[]): Promise<readonly Span[]>;
  /** All spans that hold one of the keys, and rarely one more that shares only a hash: one indexed query. */
  findByKeys(keys: readonly AssociationKey[]): Promise<readonly Span[]>;
}

export function createSpanStore(sql: Sql, captureId: string): SpanStore {
  return {
    async get(id) {
      const [row] = await sql<{ body: Span }[]>`SELECT body FROM span WHERE capture_id = ${captureId} AND id = ${id}`;
      return row?.body;
    },
    async getMany(ids) {
      if (ids.length === 0) return [];
      const rows = await sql<{ body: Span }[]>`
        SELECT body FROM span WHERE capture_id = ${captureId} AND id = ANY (${ids}) ORDER BY start_ns, id`;
      return rows.map((row) => row.body);
    },
    async findByKeys(keys) {
      if (keys.length === 0) return [];
      const rows = await sql<{ body: Span }[]>`
        SELECT body FROM span
        WHERE capture_id = ${captureId} AND keys && ${keys.map(hashKey)}::bigint[]
        ORDER BY start_ns, id`;
      return rows.map((row) => row.body);
    },
  };
}
