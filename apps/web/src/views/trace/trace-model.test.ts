import type { ParentLink, Span, SpanId } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { graphItems, SIBLING_LIMIT } from './graph/graph-items';
import { traceViewOf } from './test-trace-view';
import { timelineRows } from './timeline/timeline-rows';
import { buildTraceModel, durationOf } from './trace-model';

/** Each word is `child<parent`; `!` marks an error. The service is the name's first letter. */
function model(text: string) {
  const words = text.split(' ').map((word) => {
    const [name = '', parent] = word.replace('!', '').split('<');
    return { name: name as SpanId, parent: parent as SpanId | undefined, failed: word.includes('!') };
  });
  const spans = words.map(
    ({ name, failed }, start) =>
      ({
        id: name,
        type: 'sys',
        tapSide: 'c-p',
        comm: name[0],
        protocol: 'redis',
        method: 'GET',
        start,
        end: start + 1,
        status: failed ? 'server_error' : 'ok',
      }) as unknown as Span,
  );
  const links = words
    .filter((word) => word.parent !== undefined)
    .map(({ name, parent }) => ({ child: name, parent, rule: 'R05' }) as ParentLink);
  return buildTraceModel(traceViewOf(spans, { links, end: 99 }));
}

it.each([
  [{ start: 5, end: 1205, oneway: false }, '1.20 µs'],
  [{ start: 5, end: 5, oneway: false }, '0 ns'],
  [{ start: 5, end: 5, oneway: true }, 'one-way'],
])('says of %j that it took %s', (span, text) => {
  expect(durationOf(span as Span)).toBe(text);
});

describe('the tree', () => {
  it('keeps the order, depths and parents', () => {
    const { nodes, errors } = model('a b<a c<b! d<a');
    expect(nodes.map((node) => `${node.id}${node.depth}${node.parent?.id ?? '-'}`)).toEqual([
      'a0-',
      'b1a',
      'c2b',
      'd1a',
    ]);
    expect(errors.map((node) => node.id)).toEqual(['c']);
  });

  it('makes a span whose parent is missing a root of its own', () => {
    expect(model('a b<gone').nodes.map((node) => node.depth)).toEqual([0, 0]);
  });
});

describe('groups of alike siblings', () => {
  const many = Array.from({ length: SIBLING_LIMIT + 1 }, (_, i) => `r${i}<a`).join(' ');

  it('draws few siblings one by one', () => {
    expect(graphItems(model('a r1<a r2<a').nodes.slice(0, 1), new Set(), undefined)).toHaveLength(3);
  });

  it('draws trees beside one another, however many', () => {
    const { nodes } = model(Array.from({ length: SIBLING_LIMIT + 1 }, (_, i) => `r${i}`).join(' '));
    expect(graphItems(nodes, new Set(), undefined)).toHaveLength(SIBLING_LIMIT + 1);
  });

  it('draws many as one box that bubbles errors up', () => {
    const { nodes } = model(`a ${many} x<r0! b<a`);
    const items = graphItems(nodes.slice(0, 1), new Set(), undefined);
    expect(items.map((item) => item.kind)).toEqual(['span', 'group', 'span']);
    expect(items[1]).toMatchObject({ spanCount: SIBLING_LIMIT + 2, errorCount: 1 });
  });

  it('opens when asked, and for a span that must be seen', () => {
    const { nodes, byId } = model(`a ${many}`);
    const group = graphItems(nodes.slice(0, 1), new Set(), undefined)[1]!;
    expect(graphItems(nodes.slice(0, 1), new Set([group.id]), undefined)).toHaveLength(SIBLING_LIMIT + 2);
    expect(graphItems(nodes.slice(0, 1), new Set(), byId.get('r3' as SpanId))).toHaveLength(SIBLING_LIMIT + 2);
  });
});

it('hides what lies under a collapsed row and counts it', () => {
  const { nodes } = model('a b<a c<b! d<a');
  const rows = timelineRows(nodes, new Set(['b', 'd']));
  expect(rows.map((row) => [row.node.id, row.hiddenSpans, row.hiddenErrors])).toEqual([
    ['a', 0, 0],
    ['b', 1, 1],
    ['d', 0, 0],
  ]);
});
