import { type AssociationKey, associationKeys, createSpanIndex, type SpanId } from '@causeway/core';
import type { Sql } from 'postgres';
import { adoptSpan, type SpanSources } from '../../answers/span-sources';
import { byStart, type SpanStore } from '../../answers/span-store';
import { hashKey, hashSpanId } from './key-hash';
import { readSpans } from './span-blocks';

/** Keys asked for at once beyond those of the question. */
const MAX_KEYS_AHEAD = 2_000;

/**
 * For one request: blocks are loaded when a question needs them and kept, as the next round asks for their neighbours. What
 * is loaded tells already what some of the next rounds will ask for, so that is asked for along with it: a trace takes a
 * few queries, however many rounds its search has.
 */
export function createSpanStore(sql: Sql, { sources, hosts }: SpanSources): SpanStore {
  const index = createSpanIndex();
  const captures = new Map<SpanId, string>();
  const byCapture = new Map(sources.map((source) => [source.captureId, source]));
  const captureIds = [...byCapture.keys()];
  const loaded = { captures: [] as string[], blocks: [] as number[] };
  const newest = new Map<SpanId, number>();
  const asked = new Set<AssociationKey>();

  /** Those of the keys, and of the keys that lead on from them by what is loaded, that the database was not asked for. */
  function unasked(keys: readonly AssociationKey[]): AssociationKey[] {
    const found = new Set<AssociationKey>(keys);
    let last: AssociationKey[] = [...found];
    while (last.length > 0 && found.size < keys.length + MAX_KEYS_AHEAD) {
      const next = new Set(index.findByKeys(last).flatMap(associationKeys));
      last = [...next].filter((key) => !found.has(key));
      for (const key of last) found.add(key);
    }
    return [...found].filter((key) => !asked.has(key));
  }

  async function load(hashes: readonly number[]): Promise<void> {
    if (hashes.length === 0 || captureIds.length === 0) return;
    const rows = await sql<{ capture: string; block: number; body: Buffer }[]>`
      SELECT capture_id AS capture, block, body FROM span_block
      WHERE capture_id = ANY (${captureIds}::uuid[]) AND keys && ${hashes}::int[]
        AND (capture_id, block) NOT IN (SELECT * FROM unnest(${loaded.captures}::uuid[], ${loaded.blocks}::int[]))
      ORDER BY capture_id, block`;
    for (const { capture, block, body } of rows) {
      loaded.captures.push(capture);
      loaded.blocks.push(block);
      const source = byCapture.get(capture)!;
      // A later block of its capture may hold a span once more, with what was found out about it since.
      const spans = readSpans(body)
        .filter(({ id }) => captures.get(id) === undefined || (captures.get(id) === capture && newest.get(id)! < block))
        .map((span) => adoptSpan(span, source, hosts));
      for (const { id } of spans) {
        captures.set(id, capture);
        newest.set(id, block);
      }
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
      if (keys.some((key) => !asked.has(key))) {
        const ahead = unasked(keys);
        await load(ahead.map(hashKey));
        for (const key of ahead) asked.add(key);
      }
      return index.findByKeys(keys);
    },
    captureOf(id) {
      if (index.get(id) === undefined) return undefined;
      return captures.get(id) ?? captureIds[0];
    },
  };
}
