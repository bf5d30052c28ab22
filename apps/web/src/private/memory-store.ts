import type { MemorySpanIndex, SpanId } from '@causeway/core';
import { byStart, type SpanStore } from '../answers/span-store';

/** Spans that are all in memory. */
export function memoryStore(index: MemorySpanIndex, captureOf: (id: SpanId) => string | undefined): SpanStore {
  return {
    get: async (id) => index.get(id),
    getMany: async (ids) =>
      ids
        .map((id) => index.get(id))
        .filter((span) => span !== undefined)
        .sort(byStart),
    findByKeys: async (keys) => index.findByKeys(keys),
    captureOf,
  };
}
