import type { ParentLink, SpanId, SpanLink } from '@causeway/core';
import type { Edge, Node } from '@xyflow/react';
import type { Place } from '../../data/place';
import { type Change, changesByChild, goneEdges } from '../lab/difference-words';
import type { LabAnswer } from '../lab/lab-assembly';
import type { SpanNode, TraceModel } from '../trace-model';
import { boxesOf, type GraphItem } from './graph-items';
import { edgeShape, type LayoutMode, NODE_HEIGHT, NODE_WIDTH, type Point, sideShape } from './graph-layout';
import type { QueueDrawing, QueueEnd } from './queue-ends';
import type { SideEdgeKind } from './side-edge';

/** What the boxes and lines are drawn from. */
export type SpanFlowNode = Node<
  {
    readonly node: SpanNode;
    readonly model: TraceModel;
    readonly selected: boolean;
    readonly dimmed: boolean;
    /** It was left out of the trace, and is shown all the same. */
    readonly leftOut: boolean;
    readonly onSelect: (node: SpanNode) => void;
  },
  'span'
>;
export type GroupFlowNode = Node<
  {
    readonly group: Extract<GraphItem, { kind: 'group' }>;
    readonly model: TraceModel;
    readonly dimmed: boolean;
    readonly onOpen: (group: string) => void;
  },
  'siblings'
>;
export type QueueFlowNode = Node<{ readonly place: Place; readonly end: QueueEnd }, 'queue'>;
export type GraphFlowNode = SpanFlowNode | GroupFlowNode | QueueFlowNode;
export type RuleFlowEdge = Edge<
  {
    readonly link: ParentLink;
    readonly child: SpanNode;
    readonly path: string;
    readonly label: Point;
    readonly selected: boolean;
    readonly dimmed: boolean;
    /** More links of the same kind stand behind this one: the edge of a group. */
    readonly count: number;
    /** What the rule lab has made of it. */
    readonly change: Change | undefined;
    readonly onSelect: (child: SpanNode) => void;
  },
  'rule'
>;
export type SideFlowEdge = Edge<
  {
    readonly edge: SideEdgeKind;
    /** The message went from the line's end to its beginning. */
    readonly backwards: boolean;
    readonly path: string;
    readonly label: Point;
    readonly selected: boolean;
    readonly onSelect: () => void;
  },
  'side'
>;

interface FlowInput {
  readonly place: Place;
  readonly model: TraceModel;
  readonly items: readonly GraphItem[];
  readonly places: ReadonlyMap<string, Point>;
  readonly axis: LayoutMode;
  readonly selectedSpan: SpanNode | undefined;
  readonly selectedEdge: SpanNode | undefined;
  readonly found: ReadonlySet<string> | undefined;
  readonly queue: QueueDrawing;
  readonly selectedLink: SpanLink | undefined;
  readonly lab: LabAnswer | undefined;
  readonly onLink: (link: SpanLink) => void;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEdge: (child: SpanNode) => void;
  readonly onOpen: (group: string) => void;
}

/** Turns what is to be drawn into React Flow's nodes and edges. */
export function flowElements(input: FlowInput): { nodes: GraphFlowNode[]; edges: (RuleFlowEdge | SideFlowEdge)[] } {
  const leftOut = new Set(input.lab?.leftOut);
  const changes = input.lab === undefined ? NO_CHANGES : changesByChild(input.lab.difference);
  return {
    nodes: input.items.map((item) => flowNode(item, input, leftOut)),
    edges: [...input.items.flatMap((item) => flowEdge(item, input, changes) ?? []), ...sideEdges(input)],
  };
}

const NO_CHANGES: ReadonlyMap<string, Change> = new Map();

function flowNode(item: GraphItem, input: FlowInput, leftOut: ReadonlySet<string>): GraphFlowNode {
  const { model, found } = input;
  const box = {
    id: item.id,
    position: input.places.get(item.id)!,
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    initialWidth: NODE_WIDTH,
    initialHeight: NODE_HEIGHT,
  };
  if (item.kind === 'queue') return { ...box, type: 'queue', data: { place: input.place, end: item.end } };
  if (item.kind === 'group') {
    const dimmed = found !== undefined && !item.members.some((member) => found.has(member.id));
    return { ...box, type: 'siblings', data: { group: item, model, dimmed, onOpen: input.onOpen } };
  }
  const selected = item.node === input.selectedSpan || item.node === input.selectedEdge;
  const dimmed = found !== undefined && !found.has(item.node.id);
  const data = { node: item.node, model, selected, dimmed, leftOut: leftOut.has(item.node.id), onSelect: input.onSpan };
  return { ...box, type: 'span', data };
}

function flowEdge(
  item: GraphItem,
  input: FlowInput,
  changes: ReadonlyMap<string, Change>,
): RuleFlowEdge | SideFlowEdge | undefined {
  if (item.kind === 'queue') return queueEdge(item, input);
  const child = item.kind === 'group' ? item.members[0]! : item.node;
  if (item.parent === null || child.link === undefined) return undefined;
  const { path, label } = edgeShape(input.axis, input.places.get(item.parent)!, input.places.get(item.id)!);
  return {
    id: `edge:${item.id}`,
    source: item.parent,
    target: item.id,
    type: 'rule',
    zIndex: child === input.selectedEdge ? 1 : 0,
    data: {
      link: child.link,
      child,
      path,
      label,
      selected: child === input.selectedEdge,
      dimmed: input.found !== undefined,
      change: item.kind === 'group' ? undefined : changes.get(child.id),
      count: item.kind === 'group' ? item.members.length : 1,
      onSelect: input.onEdge,
    },
  };
}

/** To the box of the other end, which stands below whichever end it is. */
function queueEdge(item: Extract<GraphItem, { kind: 'queue' }>, input: FlowInput): SideFlowEdge {
  const { link, incoming } = item.end;
  const [own, other] = [input.places.get(item.parent)!, input.places.get(item.id)!];
  const { path, label } = edgeShape(input.axis, own, other);
  const ends = { id: `edge:${item.id}`, source: item.parent, target: item.id };
  return { ...ends, ...queueData(link, input, path, label, incoming) };
}

function queueData(link: SpanLink, { selectedLink, onLink }: FlowInput, path: string, label: Point, backwards = false) {
  const selected = link === selectedLink;
  const edge = { kind: 'queue', link } as const;
  const onSelect = () => onLink(link);
  return { type: 'side', zIndex: 1, data: { edge, path, label, backwards, selected, onSelect } } as const;
}

/** Between boxes: messages within the trace, and what the rule lab has taken away. */
function sideEdges(input: FlowInput): SideFlowEdge[] {
  const { items, places, queue, lab, model } = input;
  const boxes = boxesOf(items);
  const drawn = new Set<string>();
  const between = (from: SpanId, to: SpanId, kind: SideEdgeKind['kind']) => {
    const [source, target] = [boxes.get(from), boxes.get(to)];
    if (source === undefined || target === undefined || source === target) return undefined;
    const id = `${kind}:${source} ${target}`;
    // Of the members of a group one line is enough.
    if (drawn.has(id)) return undefined;
    drawn.add(id);
    return { id, source, target, ...sideShape(places.get(source)!, places.get(target)!) };
  };
  const messages = queue.within.flatMap((link): SideFlowEdge[] => {
    const line = between(link.from, link.to, 'queue');
    if (line === undefined) return [];
    const { path, label, ...ends } = line;
    return [{ ...ends, ...queueData(link, input, path, label) }];
  });
  const gone = (lab === undefined ? [] : goneEdges(lab.difference)).flatMap((link): SideFlowEdge[] => {
    const line = between(link.parent, link.child, 'gone');
    if (line === undefined) return [];
    const { path, label, ...ends } = line;
    const onSelect = () => input.onEdge(model.byId.get(link.child)!);
    const edge = { kind: 'gone', link } as const;
    const data = { edge, path, label, backwards: false, selected: false, onSelect };
    return [{ ...ends, type: 'side', data }];
  });
  return [...messages, ...gone];
}
