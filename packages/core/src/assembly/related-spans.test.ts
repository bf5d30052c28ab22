import { describe, expect, test } from 'vitest';
import { associationKeys } from '../association/span-keys';
import type { Span } from '../span/span';
import { testSpan, traceFromText } from '../testing/index';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { createSpanIndex } from './memory-span-index';
import { collectRelatedSpans, runWithIndex, runWithStore } from './related-spans';
import type { KeyQuestion } from './span-index';

const spans = traceFromText(`
  front  [--------------]    s-p nginx    sys=1/3
  proxy    [----------]      c-p nginx    sys=1/3    seq=10/20
  node      [--------]       s-p node@h2  sys=7/9    seq=10/20
  redis       [--]           c-p node@h2  sys=7/8    seq=30/40
  other   [---------]        s-p node@h2  sys=55/56  seq=77/78
`);
const [front, proxy, node, redis] = spans.map((span) => span.id);

/** A chain of client spans, each sharing a systrace id with the next: one round reaches one further. */
const chain = Array.from({ length: 50 }, (_, i) => testSpan({ id: `c${i}`, start: i * 10, systrace: [i + 1, i + 2] }));

describe('collectRelatedSpans', () => {
  test('goes round by round until nothing is added, and says which key brought which span', () => {
    const found = runWithIndex(collectRelatedSpans(spans[0]!, DEFAULT_ASSEMBLY_OPTIONS), createSpanIndex(spans));
    expect(found.exhausted).toBe(false);
    expect(found.spans.map((span) => span.id)).toEqual([front, proxy, node, redis]);
    expect(found.rounds).toEqual([
      { round: 1, keysAsked: 2, added: [{ span: proxy, kind: 'systrace', key: 'systrace|h1|1' }] },
      { round: 2, keysAsked: 2, added: [{ span: node, kind: 'tcp-seq', key: 'tcp-seq|request|10' }] },
      { round: 3, keysAsked: 2, added: [{ span: redis, kind: 'systrace', key: 'systrace|h2|7' }] },
      { round: 4, keysAsked: 3, added: [] },
    ]);
  });

  test('never asks a key twice', () => {
    const index = createSpanIndex(spans);
    const asked: string[] = [];
    runWithIndex(collectRelatedSpans(spans[3]!, DEFAULT_ASSEMBLY_OPTIONS), {
      findByKeys(keys) {
        asked.push(...keys);
        return index.findByKeys(keys);
      },
    });
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('stops after the rounds allowed and says that keys were left', () => {
    const options = { ...DEFAULT_ASSEMBLY_OPTIONS, maxRounds: 5 };
    const found = runWithIndex(collectRelatedSpans(chain[0]!, options), createSpanIndex(chain));
    expect(found.rounds).toHaveLength(5);
    expect(found.spans).toHaveLength(6);
    expect(found.exhausted).toBe(true);
    const all = runWithIndex(collectRelatedSpans(chain[0]!, { ...options, maxRounds: 60 }), createSpanIndex(chain));
    expect(all.spans).toHaveLength(50);
    expect(all.exhausted).toBe(false);
  });

  test('a span without keys, or no round allowed, leaves the start alone', () => {
    const lone = runWithIndex(collectRelatedSpans(testSpan(), DEFAULT_ASSEMBLY_OPTIONS), createSpanIndex(spans));
    expect(lone).toEqual({ spans: [testSpan()], rounds: [], exhausted: false });
    const none = { ...DEFAULT_ASSEMBLY_OPTIONS, maxRounds: 0 };
    const stopped = runWithIndex(collectRelatedSpans(spans[0]!, none), createSpanIndex(spans));
    expect(stopped).toEqual({ spans: [spans[0]], rounds: [], exhausted: true });
  });

  test('a store that answers later, in any order and with too much, gives the same result', async () => {
    const index = createSpanIndex(spans);
    // As a store that looks up hashes of keys and meets a collision.
    const ask = async ({ keys }: KeyQuestion): Promise<readonly Span[]> => {
      await Promise.resolve();
      return [...spans.filter((span) => span.id === 'other'), ...index.findByKeys(keys).toReversed()];
    };
    for (const start of spans) {
      const later = await runWithStore(collectRelatedSpans(start, DEFAULT_ASSEMBLY_OPTIONS), ask);
      expect(later).toEqual(runWithIndex(collectRelatedSpans(start, DEFAULT_ASSEMBLY_OPTIONS), index));
    }
  });

  test('a store that fails, fails the search', async () => {
    const ask = () => Promise.reject(new Error('connection lost'));
    await expect(runWithStore(collectRelatedSpans(spans[0]!, DEFAULT_ASSEMBLY_OPTIONS), ask)).rejects.toThrow(
      'connection lost',
    );
  });

  test('starts from several spans at once', () => {
    const found = runWithIndex(
      collectRelatedSpans([spans[0]!, spans[4]!], DEFAULT_ASSEMBLY_OPTIONS),
      createSpanIndex(spans),
    );
    expect(found.spans).toHaveLength(5);
    expect(found.rounds[0]?.keysAsked).toBe([spans[0]!, spans[4]!].flatMap(associationKeys).length);
  });
});
