import type { ParentLink } from '@causeway/core';
import type { Edge, Node } from '@xyflow/react';
import type { SpanNode, TraceModel } from '../trace-model';
import type { GraphItem } from './graph-items';
import { edgeShape, type LayoutMode, NODE_HEIGHT, NODE_WIDTH, type Point } from './graph-layout';

/** What the boxes and lines are drawn from. */
export type SpanFlowNode = Node<
  {
    readonly node: SpanNode;
    readonly model: TraceModel;
    readonly selected: boolean;
    readonly dimmed: boolean;
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
export type GraphFlowNode = SpanFlowNode | GroupFlowNode;
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
    readonly onSelect: (child: SpanNode) => void;
  },
  'rule'
>;

interface FlowInput {
  readonly model: TraceModel;
  readonly items: readonly GraphItem[];
  readonly places: ReadonlyMap<string, Point>;
  readonly axis: LayoutMode;
  readonly selectedSpan: SpanNode | undefined;
  readonly selectedEdge: SpanNode | undefined;
  readonly found: ReadonlySet<string> | undefined;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEdge: (child: SpanNode) => void;
  readonly onOpen: (group: string) => void;
}

/** Turns what is to be drawn into React Flow's nodes and edges. */
export function flowElements(input: FlowInput): { nodes: GraphFlowNode[]; edges: RuleFlowEdge[] } {
  return {
    nodes: input.items.map((item) => flowNode(item, input)),
    edges: input.items.flatMap((item) => flowEdge(item, input) ?? []),
  };
}

function flowNode(item: GraphItem, input: FlowInput): GraphFlowNode {
  const { model, found } = input;
  const box = {
    id: item.id,
    position: input.places.get(item.id)!,
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    initialWidth: NODE_WIDTH,
    initialHeight: NODE_HEIGHT,
  };
  if (item.kind === 'group') {
    const dimmed = found !== undefined && !item.members.some((member) => found.has(member.id));
    return { ...box, type: 'siblings', data: { group: item, model, dimmed, onOpen: input.onOpen } };
  }
  const selected = item.node === input.selectedSpan || item.node === input.selectedEdge;
  const dimmed = found !== undefined && !found.has(item.node.id);
  return { ...box, type: 'span', data: { node: item.node, model, selected, dimmed, onSelect: input.onSpan } };
}

function flowEdge(item: GraphItem, input: FlowInput): RuleFlowEdge | undefined {
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
      count: item.kind === 'group' ? item.members.length : 1,
      onSelect: input.onEdge,
    },
  };
}
