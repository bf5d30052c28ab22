import type { AssembledTrace, AssemblyOptions, SpanId, MemorySpanIndex } from '@causeway/core';
import { assembleAround } from '@causeway/core';

export interface TraceChanges {
  readonly changed: readonly AssembledTrace[];
  /** Roots that got a parent meanwhile: their rows go. */
  readonly removed: readonly SpanId[];
}

/**
 * Keeps the traces of a growing capture up to date: after each batch of new spans only the trees they touch are assembled
 * again. A span may move to another tree when a better parent arrives; then the tree it left is looked at too.
 */
export class TraceTracker {
  readonly #rootOf = new Map<SpanId, SpanId>();
  #fresh: SpanId[] = [];

  constructor(
    private readonly index: MemorySpanIndex,
    private readonly options: AssemblyOptions,
  ) {}

  /** `id` was added to the index. */
  add(id: SpanId): void {
    this.#fresh.push(id);
  }

  settle(): TraceChanges {
    const waiting = this.#fresh;
    this.#fresh = [];
    const seen = new Set<SpanId>();
    const left = new Set<SpanId>();
    const changed = new Map<SpanId, AssembledTrace>();
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const trace = assembleAround(this.index, id, this.options);
      if (trace === undefined) continue;
      changed.set(trace.root, trace);
      for (const span of trace.spans) {
        seen.add(span.id);
        const before = this.#rootOf.get(span.id);
        this.#rootOf.set(span.id, trace.root);
        if (before === undefined || before === trace.root || left.has(before)) continue;
        left.add(before);
        waiting.push(before);
      }
    }
    const removed = [...left].filter((root) => this.#rootOf.get(root) !== root);
    for (const root of removed) changed.delete(root);
    return { changed: [...changed.values()], removed };
  }
}
