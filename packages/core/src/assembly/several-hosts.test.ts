import { describe, expect, test } from 'vitest';
import type { DurationNs } from '../base/brand';
import type { Span } from '../span/span';
import { checkIntegrity, traceFromText, traceToText } from '../testing/index';
import { assembleAll, assembleTrace } from './assemble';
import { DEFAULT_ASSEMBLY_OPTIONS } from './assembly-options';
import { createSpanIndex } from './memory-span-index';

const MILLISECOND = 1_000_000;

const REQUEST = `
  page     [------------------]   s-p    nginx@h1  sys=1/4  seq=1/2
  up        [----------------]    c-p    nginx@h1  sys=1/4  seq=10/20
  wire       [--------------]     s-nd   eth0@h2            seq=10/20
  api         [------------]      s-p    node@h2   sys=1/4  seq=10/20  trace=t span=a0
  route        [----------]       s-app  node@h2            trace=t span=a1 parent=a0
  name           []               c-p    node@h2   sys=1/2  udp=5353/9 proto=dns
  named          []               s-p    dns@h3    sys=1/1  udp=5353/9 proto=dns
  query             [--]          c-p    node@h2   sys=2/4  seq=30/40
`;
const TREE = `page
  up R05
    wire R09
      api R10
        route R02
        name R05
          named X02
        query R05`;

/** The spans of some hosts as clocks that are off would have timed them. */
function skewed(spans: readonly Span[], offsets: Readonly<Record<string, number>>): Span[] {
  return spans.map((span) => later(span, (offsets[span.hostId] ?? 0) * MILLISECOND));
}

function later(span: Span, by: number): Span {
  return { ...span, start: span.start + by, end: span.end + by } as Span;
}

const trees = (spans: readonly Span[], options = DEFAULT_ASSEMBLY_OPTIONS) => {
  const traces = assembleAll(createSpanIndex(spans), options);
  expect(traces.flatMap(checkIntegrity)).toEqual([]);
  return traces.map(traceToText);
};

describe('several hosts', () => {
  test.each([
    ['clocks agree', {}],
    ['one is ahead', { h2: 9, h3: 9 }],
    ['one is behind', { h2: -9 }],
    ['both are off', { h2: 5, h3: -4 }],
  ])('one tree when %s', (_, offsets) => {
    // Each host's clock by itself keeps the order of what it saw, so only links between hosts are put to the test.
    expect(trees(skewed(traceFromText(REQUEST), offsets))).toEqual([TREE]);
  });

  test('a clock that is off by more than the tolerance parts the hosts, until the tolerance is raised', () => {
    const spans = skewed(traceFromText(REQUEST), { h2: 500, h3: 500 });
    expect(trees(spans)).toHaveLength(2);
    const options = { ...DEFAULT_ASSEMBLY_OPTIONS, clockOffset: (500 * MILLISECOND) as DurationNs };
    expect(trees(spans, options)).toHaveLength(1);
  });

  test('equal systrace and socket ids of two hosts are strangers', () => {
    const spans = traceFromText(`
      a   [------]   s-p  web@h1  sys=1/2
      b     [--]     c-p  web@h2  sys=1/2
    `);
    expect(trees(spans)).toEqual(['a', 'b']);
  });
});

describe('ids that come round again', () => {
  test('a minute later the same sequences, datagram ids and X-Request-IDs mean other requests', () => {
    const first = traceFromText(`
      call   [------]    c-p  web@h1  seq=4294967295/0
      wire    [----]     c-nd ens@h1  seq=4294967295/0
      serve   [----]     s-p  api@h2  seq=4294967295/0  xid=x/
      ask      [--]      c-p  api@h2  xid=x/  udp=5353/9 proto=dns
      told     [--]      s-p  dns@h3  udp=5353/9 proto=dns
    `);
    const second = first.map((span) => ({ ...later(span, 60_000 * MILLISECOND), id: `${span.id}2` }) as Span);
    const treeOf = (n: string) =>
      `call${n}\n  wire${n} R09\n    serve${n} R10\n      ask${n} R07\n        told${n} X02`;
    const all = [...first, ...second];
    expect(trees(all)).toEqual([treeOf(''), treeOf('2')]);
    const index = createSpanIndex(all);
    for (const start of first) expect(traceToText(assembleTrace(index, start))).toBe(treeOf(''));
  });

  test('a sequence wraps within one connection', () => {
    const spans = traceFromText(`
      c1   [--]             c-p  web  seq=4294967290/4294967295  sock=k
      s1   [--]             s-p  api  seq=4294967290/4294967295
      c2        [--]        c-p  web  seq=4/9                    sock=k
      s2        [--]        s-p  api  seq=4/9
    `);
    expect(trees(spans)).toEqual(['c1\n  s1 R11', 'c2\n  s2 R11']);
  });
});
