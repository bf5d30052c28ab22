import {
  assembleAll,
  createSpanIndex,
  KEY_KINDS,
  keysOfKind,
  runWithStore,
  type Span,
  traceSearch,
} from '@causeway/core';
import { traceFromText } from '@causeway/core/testing';
import { expect, it } from 'vitest';
import { hashKey, spanHashes } from './key-hash';

/** Keys of every kind. */
const SPANS = traceFromText(`
  order    [------------]    s-p    shop     sys=1/5  seq=1/2  xid=x/y  trace=t span=a0
  route     [----------]     s-app  shop                                trace=t span=a1 parent=a0
  name       []              c-p    shop     sys=1/2  udp=5353/9 proto=dns
  named      []              s-p    dns@h2            udp=5353/9 proto=dns
  publish       [--]         c-p    shop     sys=2/5  seq=7/8  pub=position:orders-0@42
  fetch            [-----]   c-p    mail@h3           seq=9/10 fetch=position:orders-0@42
`);

it('a span is stored under each key that a search, or a link, can ask for', () => {
  const kinds = new Set<string>();
  for (const span of SPANS.map((one, i) => (i === 0 && one.type === 'sys' ? { ...one, pseudoThreadId: 3 } : one))) {
    const stored = new Set<number>();
    spanHashes(span, stored);
    for (const kind of KEY_KINDS) {
      for (const key of keysOfKind(span, kind)) {
        kinds.add(kind);
        expect(stored.has(hashKey(key)), key).toBe(true);
      }
    }
  }
  expect([...kinds].sort()).toEqual([...KEY_KINDS].sort());
});

it('a store that knows nothing but these numbers gives the same traces', async () => {
  const held = SPANS.map((span) => {
    const hashes = new Set<number>();
    spanHashes(span, hashes);
    return { span, hashes };
  });
  const ask = async (keys: Parameters<typeof hashKey>[0][]): Promise<Span[]> =>
    held.filter(({ hashes }) => keys.some((key) => hashes.has(hashKey(key)))).map(({ span }) => span);
  const traces = assembleAll(createSpanIndex(SPANS));
  expect(traces.map(({ spans, spanLinks }) => [spans.length, spanLinks.length])).toEqual([
    [5, 1],
    [1, 1],
  ]);
  for (const trace of traces) {
    for (const start of trace.spans) {
      const found = await runWithStore(traceSearch(start), ({ keys }) => ask([...keys]));
      expect({ ...found, rounds: [], pruned: [], pruning: [] }).toEqual(trace);
    }
  }
});
