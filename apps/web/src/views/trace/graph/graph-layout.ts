export const NODE_WIDTH = 232;
export const NODE_HEIGHT = 68;
const GAP_X = 24;
/** Room for the edge and its label. */
const GAP_Y = 56;
/** By time: how far a child stands right of its parent at the least. */
const INDENT = 40;
/** By time: pixels of the whole trace. */
const TIME_WIDTH = 560;
const TIME_GAP_Y = 32;
/** How far a line beside the tree swings out. */
const SIDE_BOW = 124;

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface LayoutItem {
  readonly id: string;
  readonly parent: string | null;
  readonly start: number;
}

export type LayoutMode = 'depth' | 'time';

/**
 * Places the top left corner of each box, in pixels; one pass, no boxes overlap, the same input gives the same picture.
 * @param items depth first, parents before children.
 */
export function layoutGraph(items: readonly LayoutItem[], mode: LayoutMode): Map<string, Point> {
  return mode === 'depth' ? layoutByDepth(items) : layoutByTime(items);
}

/**
 * Top down: the row is the number of causes above, siblings from left to right by start.
 *
 *        root            Every leaf takes the next column; a parent stands over the middle of its children. Sub-trees
 *       /    \           own disjoint runs of columns, so two boxes of one row are at least a column apart.
 *      a      b
 *    / | \
 */
function layoutByDepth(items: readonly LayoutItem[]): Map<string, Point> {
  const indexOf = new Map(items.map((item, index) => [item.id, index]));
  const parents = items.map((item) => (item.parent === null ? -1 : (indexOf.get(item.parent) ?? -1)));
  const depth = new Array<number>(items.length).fill(0);
  const hasChild = new Array<boolean>(items.length).fill(false);
  parents.forEach((parent, index) => {
    if (parent < 0) return;
    depth[index] = depth[parent]! + 1;
    hasChild[parent] = true;
  });
  // Depth-first order: leaves come from left to right, and every child comes after its parent
  const first = new Array<number>(items.length).fill(Number.POSITIVE_INFINITY);
  const last = new Array<number>(items.length).fill(Number.NEGATIVE_INFINITY);
  let column = 0;
  for (let index = 0; index < items.length; index++) {
    if (hasChild[index]) continue;
    first[index] = column;
    last[index] = column;
    column += 1;
  }
  const centre = new Array<number>(items.length);
  for (let index = items.length - 1; index >= 0; index--) {
    centre[index] = (first[index]! + last[index]!) / 2;
    const parent = parents[index]!;
    if (parent < 0) continue;
    first[parent] = Math.min(first[parent]!, centre[index]!);
    last[parent] = Math.max(last[parent]!, centre[index]!);
  }
  return new Map(
    items.map((item, index) => [
      item.id,
      { x: centre[index]! * (NODE_WIDTH + GAP_X), y: depth[index]! * (NODE_HEIGHT + GAP_Y) },
    ]),
  );
}

/** A stair: each box in a row of its own, as far right as it started late, and always right of its parent. */
function layoutByTime(items: readonly LayoutItem[]): Map<string, Point> {
  const first = Math.min(...items.map((item) => item.start));
  const last = Math.max(...items.map((item) => item.start));
  const scale = last > first ? TIME_WIDTH / (last - first) : 0;
  const places = new Map<string, Point>();
  items.forEach((item, row) => {
    const parent = item.parent === null ? undefined : places.get(item.parent);
    const x = Math.max((item.start - first) * scale, parent === undefined ? 0 : parent.x + INDENT);
    places.set(item.id, { x, y: row * (NODE_HEIGHT + TIME_GAP_Y) });
  });
  return places;
}

/** The line from a parent to a child and the middle of its label. */
export function edgeShape(
  mode: LayoutMode,
  parent: Point,
  child: Point,
): { readonly path: string; readonly label: Point } {
  if (mode === 'time') {
    const x = parent.x + 16;
    const y = child.y + NODE_HEIGHT / 2;
    const corner = Math.min(8, child.x - x);
    return {
      path: `M${x},${parent.y + NODE_HEIGHT}V${y - corner}Q${x},${y} ${x + corner},${y}H${child.x}`,
      label: { x: child.x + NODE_WIDTH / 2, y: child.y - TIME_GAP_Y / 2 + 1 },
    };
  }
  const from = { x: parent.x + NODE_WIDTH / 2, y: parent.y + NODE_HEIGHT };
  const to = { x: child.x + NODE_WIDTH / 2, y: child.y };
  const turn = from.y + 16;
  const label = { x: to.x, y: to.y - 22 };
  if (Math.abs(from.x - to.x) < 1) return { path: `M${from.x},${from.y}V${to.y}`, label };
  const side = to.x > from.x ? 1 : -1;
  const corner = Math.min(8, Math.abs(to.x - from.x) / 2);
  return {
    path: [
      `M${from.x},${from.y}V${turn - corner}`,
      `Q${from.x},${turn} ${from.x + side * corner},${turn}`,
      `H${to.x - side * corner}`,
      `Q${to.x},${turn} ${to.x},${turn + corner}`,
      `V${to.y}`,
    ].join(''),
    label,
  };
}

/** A line beside the tree between any two boxes, and the middle of its label. */
export function sideShape(from: Point, to: Point): { readonly path: string; readonly label: Point } {
  const middleOf = (box: Point) => box.y + NODE_HEIGHT / 2;
  const [startY, endY] = [middleOf(from), middleOf(to)];
  if (Math.abs(to.x - from.x) < NODE_WIDTH) {
    // One above the other: round the boxes between them.
    const [startX, endX] = [from.x + NODE_WIDTH, to.x + NODE_WIDTH];
    const bow = Math.max(startX, endX) + SIDE_BOW;
    return {
      path: `M${startX},${startY}C${bow},${startY} ${bow},${endY} ${endX},${endY}`,
      label: { x: (startX + 6 * bow + endX) / 8, y: (startY + endY) / 2 },
    };
  }
  const right = to.x > from.x;
  const [startX, endX] = right ? [from.x + NODE_WIDTH, to.x] : [from.x, to.x + NODE_WIDTH];
  const middle = (startX + endX) / 2;
  return {
    path: `M${startX},${startY}C${middle},${startY} ${middle},${endY} ${endX},${endY}`,
    label: { x: middle, y: (startY + endY) / 2 },
  };
}
