import { describe, expect, test } from 'vitest';
import type { Span } from '../../span/span';
import { checkIntegrity, traceFromText } from '../../testing/index';
import { assembleAll, assembleAround, assembleTrace, traceSearch } from '../assemble';
import type { SpanLink } from '../assembled-trace';
import { DEFAULT_ASSEMBLY_OPTIONS } from '../assembly-options';
import { createSpanIndex } from '../memory-span-index';
import { runWithStore } from '../related-spans';

const words = ({ from, to, strength, probability, evidence }: SpanLink) =>
  [
    `${from} ⇢ ${to}`,
    strength,
    ...(probability === undefined ? [] : [probability.toFixed(2)]),
    ...evidence.matched.map(({ value }) => value),
  ].join(' ');

/** All links of a drawing, each once; every trace must have the same of each. */
function linksOf(drawing: string): string[] {
  const spans = traceFromText(drawing);
  const index = createSpanIndex(spans);
  const all = new Set<string>();
  for (const trace of assembleAll(index)) {
    expect(checkIntegrity(trace)).toEqual([]);
    for (const link of trace.spanLinks) all.add(words(link));
    for (const start of trace.spans) expect(assembleTrace(index, start).spanLinks).toEqual(trace.spanLinks);
    const around = assembleAround(index, [...trace.spans]).traces.find(({ id }) => id === trace.id);
    expect(around?.spanLinks).toEqual(trace.spanLinks);
  }
  return [...all];
}

describe('X05 message-queue-link', () => {
  test('joins a producer’s trace to a consumer’s by the place in the log', () => {
    const spans = traceFromText(`
      order     [----]                s-p shop     sys=1/3
      produce    [--]                 c-p shop     sys=1/3 seq=10/20 pub=position:orders/0@42
      appended    []                  s-p kafka@h2         seq=10/20 pub=position:orders/0@42
      fetch    [--------------]       c-p mail@h3  sys=7/8 seq=30/40 fetch=position:orders/0@42
      read      [------------]        s-p kafka@h2         seq=30/40 fetch=position:orders/0@42
      send                      [--]  c-p mail@h3  sys=8/9
    `);
    const index = createSpanIndex(spans);
    const trace = assembleTrace(index, spans[0]!);
    expect(trace.spans.map(({ id }) => id)).toEqual(['order', 'produce', 'appended']);
    expect(trace.spanLinks.map(words)).toEqual(['produce ⇢ fetch exact position:orders/0@42']);
    expect(trace.spanLinks[0]!.evidence).toMatchObject({
      rule: 'X05',
      child: 'fetch',
      parent: 'produce',
      conditions: [{ kind: 'published-first', holds: true, difference: 13_000_000, tolerance: 10_000_000 }],
    });
    // No part of the search: the consumer's trace stays another one.
    expect(trace.pruned).toEqual([]);
  });

  test('of messages that a broker pushes, the consumer’s end is the last on their way', () => {
    expect(
      linksOf(`
      publish   [->          c-p shop     seq=10/ pub=content:nats|a1
      received   [->         s-p nats@h2  seq=10/ pub=content:nats|a1
      push          [->      c-p nats@h2  seq=30/ sub=content:nats|a1
      handled        [->     s-p mail@h3  seq=30/ sub=content:nats|a1
    `),
    ).toEqual(['publish ⇢ handled inferred 0.95 content:nats|a1']);
  });

  test('one message reaches several consumers, one fetch brings several messages', () => {
    expect(
      linksOf(`
      p1     []                 c-p a  pub=position:t/0@1
      p2       []               c-p b  pub=position:t/0@2
      c1           [----]       c-p m  fetch=position:t/0@1,position:t/0@2
      c2              [----]    c-p n  fetch=position:t/0@2
    `),
    ).toEqual(['p1 ⇢ c1 exact position:t/0@1', 'p2 ⇢ c1 exact position:t/0@2', 'p2 ⇢ c2 exact position:t/0@2']);
  });

  test('a place outweighs content; content alone is a guess among all who published the same', () => {
    expect(
      linksOf(`
      p1     []                 c-p a  pub=position:t/0@1,content:x
      p2       []               c-p b  pub=position:t/0@2,content:x
      p3         []             c-p b  pub=content:y
      p4           []           c-p b  pub=content:y
      c1             [----]     c-p m  fetch=position:t/0@1,content:x
      c2                [----]  c-p n  fetch=content:y
    `),
    ).toEqual(['p1 ⇢ c1 exact position:t/0@1 content:x', 'p4 ⇢ c2 inferred 0.47 content:y']);
  });

  test('an id that two publishings bear is weak, and the latest before the delivery is taken', () => {
    expect(
      linksOf(`
      p1     []               c-p a  pub=id:m7
      p2       []             c-p a  pub=id:m7
      c1          [->         s-p m  sub=id:m7
      p3                []    c-p a  pub=id:m7
    `),
    ).toEqual(['p2 ⇢ c1 weak id:m7']);
  });

  test('what was delivered before it was published, or belongs to another trace, is no link', () => {
    expect(
      linksOf(`
      c1     []               c-p m     fetch=id:m7
      p1                    [-]   c-p a@h2  pub=id:m7
      c2        []            c-p m     fetch=id:m8 trace=t
      p2     []               c-p a@h2  pub=id:m8 trace=u
    `),
    ).toEqual([]);
  });

  test('a trace id that both carry is evidence as well', () => {
    expect(
      linksOf(`
      p1     []        c-p a@h2  pub=content:x trace=t
      c1        [->    s-p m     sub=content:x trace=t
    `),
    ).toContain('p1 ⇢ c1 inferred 0.95 content:x t');
  });

  test('a store that answers later gives the same links', async () => {
    const spans: Span[] = traceFromText(`
      produce    [--]            c-p shop     pub=position:orders/0@42
      fetch          [-----]     c-p mail@h3  fetch=position:orders/0@42
    `);
    const index = createSpanIndex(spans);
    for (const start of spans) {
      const later = await runWithStore(traceSearch(start), async ({ keys }) => index.findByKeys(keys).toReversed());
      expect(later).toEqual(assembleTrace(index, start));
      expect(later.spanLinks).toHaveLength(1);
    }
  });

  test('can be switched off', () => {
    const spans = traceFromText(`
      produce    [--]            c-p shop     pub=position:orders/0@42
      fetch          [-----]     c-p mail@h3  fetch=position:orders/0@42
    `);
    const options = { ...DEFAULT_ASSEMBLY_OPTIONS, disabledRules: new Set(['X05'] as const) };
    expect(assembleAll(createSpanIndex(spans), options).flatMap((trace) => trace.spanLinks)).toEqual([]);
  });
});
