import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edgeShape, layoutGraph, NODE_HEIGHT, NODE_WIDTH } from './graph-layout';

/** Any tree, depth first: each item's parent is an ancestor of the one before it, so the order stays depth first. */
const trees = fc
  .array(fc.record({ up: fc.nat(6), start: fc.nat(1_000_000) }), { minLength: 1, maxLength: 200 })
  .map((steps) => {
    const path: number[] = [];
    return steps.map(({ up, start }, index) => {
      path.length = Math.max(index === 0 ? 0 : 1, path.length - up);
      const parent = path.at(-1);
      path.push(index);
      return { id: `s${index}`, parent: parent === undefined ? null : `s${parent}`, start };
    });
  });

describe.each(['depth', 'time'] as const)('layout by %s', (mode) => {
  it('overlaps no boxes', () => {
    fc.assert(
      fc.property(trees, (items) => {
        const boxes = [...layoutGraph(items, mode).values()];
        boxes.forEach((a, i) => {
          for (const b of boxes.slice(i + 1)) {
            expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  it('puts every child below its parent, and by time right of it', () => {
    fc.assert(
      fc.property(trees, (items) => {
        const places = layoutGraph(items, mode);
        for (const item of items) {
          if (item.parent === null) continue;
          const [child, parent] = [places.get(item.id)!, places.get(item.parent)!];
          expect(child.y).toBeGreaterThanOrEqual(parent.y + NODE_HEIGHT);
          if (mode === 'time') expect(child.x).toBeGreaterThan(parent.x);
        }
      }),
    );
  });

  it('is the same each time and places every item', () => {
    fc.assert(
      fc.property(trees, (items) => {
        const places = layoutGraph(items, mode);
        expect(places.size).toBe(items.length);
        expect(layoutGraph(items, mode)).toEqual(places);
      }),
    );
  });
});

it('keeps siblings in order of their start and a parent over the middle', () => {
  const places = layoutGraph(
    [
      { id: 'root', parent: null, start: 0 },
      { id: 'a', parent: 'root', start: 1 },
      { id: 'b', parent: 'root', start: 2 },
      { id: 'c', parent: 'root', start: 3 },
    ],
    'depth',
  );
  expect(places.get('a')!.x).toBeLessThan(places.get('b')!.x);
  expect(places.get('root')!.x).toBe(places.get('b')!.x);
});

it('draws a straight line to a child right below', () => {
  expect(edgeShape('depth', { x: 0, y: 0 }, { x: 0, y: 124 }).path).toBe('M116,68V124');
});
