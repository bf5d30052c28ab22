import type { AssociationKey, Span, SpanId } from '@causeway/core';
import { associationKeys } from '@causeway/core';
import type { Sql } from 'postgres';
import { hashKey } from './key-hash';

/** Spans of one capture as Algorithm 1 asks for them. */
export interface SpanStore {
  get(id: SpanId): Promise<Span | undefined>;
  /** All spans that hold one of the keys: one indexed query. */
  findByKeys(keys: readonly AssociationKey[]): Promise<readonly Span[]>;
}

export function createSpanStore(sql: Sql, captureId: string): SpanStore {
  return {
    async get(id) {
      const [row] = await sql<{ body: Span }[]>`SELECT body FROM span WHERE capture_id = ${captureId} AND id = ${id}`;
      return row?.body;
    },
    async findByKeys(keys) {
      if (keys.length === 0) return [];
      const rows = await sql<{ body: Span }[]>`
        SELECT body FROM span
        WHERE capture_id = ${captureId} AND keys && ${keys.map(hashKey)}::bigint[]
        ORDER BY start_ns, id`;
      const asked = new Set<string>(keys);
      // The index knows hashes only.
      return rows.map((row) => row.body).filter((span) => associationKeys(span).some((key) => asked.has(key)));
    },
  };
}
