import '@xyflow/react/dist/base.css';
import type { SpanLink } from '@causeway/core';
import { Background, BackgroundVariant, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { serviceOf } from '../../../api/span-facts';
import { Button } from '../../../ui/button';
import type { Place } from '../../data/place';
import { serviceColour } from '../../identity/hue';
import { goneEdges } from '../lab/difference-words';
import type { LabAnswer } from '../lab/lab-assembly';
import type { SpanNode, TraceModel } from '../trace-model';
import styles from './causality-graph.module.css';
import { flowElements, type GraphFlowNode } from './flow-elements';
import { GraphControls } from './graph-controls';
import { graphItems } from './graph-items';
import { type LayoutMode, layoutGraph, NODE_HEIGHT, NODE_WIDTH, type Point } from './graph-layout';
import { GraphLegend } from './graph-legend';
import { GroupBox } from './group-box';
import { QueueBox } from './queue-box';
import { queueDrawing } from './queue-ends';
import { RuleEdge } from './rule-edge';
import { SideEdge, SideEdgeArrow } from './side-edge';
import { SpanBox } from './span-box';

const NODE_TYPES = { span: SpanBox, siblings: GroupBox, queue: QueueBox };
const EDGE_TYPES = { rule: RuleEdge, side: SideEdge };
/** Text stays readable down to this; a larger trace opens at its root instead of shrinking further. */
const SMALLEST_FIRST_ZOOM = 0.72;
/** Fewer boxes are in sight at once. */
const MINIMAP_FROM = 14;

interface CausalityGraphProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly axis: LayoutMode;
  readonly onAxis: (axis: LayoutMode) => void;
  readonly selectedSpan: SpanNode | undefined;
  readonly selectedEdge: SpanNode | undefined;
  readonly selectedLink: SpanLink | undefined;
  /** What the rule lab has made of the trace. */
  readonly lab: LabAnswer | undefined;
  /** Spans that fit the search; undefined = no search. */
  readonly found: ReadonlySet<string> | undefined;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEdge: (child: SpanNode) => void;
  readonly onLink: (link: SpanLink) => void;
  readonly onNothing: () => void;
}

export function CausalityGraph(props: CausalityGraphProps) {
  return (
    <ReactFlowProvider>
      <Graph {...props} />
    </ReactFlowProvider>
  );
}

function Graph(props: CausalityGraphProps) {
  const { place, model, axis, onAxis, selectedSpan, selectedEdge, selectedLink, lab, found } = props;
  const { onSpan, onEdge, onLink, onNothing } = props;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const frame = useRef<HTMLDivElement>(null);
  const flow = useReactFlow();
  const wanted = selectedSpan ?? selectedEdge;

  const roots = useMemo(() => model.nodes.filter((node) => node.parent === undefined), [model]);
  const queue = useMemo(() => queueDrawing(model), [model]);
  const items = useMemo(() => graphItems(roots, opened, wanted, queue.endsAt), [roots, opened, wanted, queue]);
  const places = useMemo(() => layoutGraph(items, axis), [items, axis]);
  // What one clicked on stays under the pointer while everything around it moves
  const anchor = useRef<{ readonly id: string; readonly place: Point } | null>(null);
  const open = useCallback(
    (group: string) => {
      const parent = items.find((item) => item.id === group)?.parent;
      const place = parent && places.get(parent);
      if (place) anchor.current = { id: parent, place };
      setOpened((all) => new Set(all).add(group));
    },
    [items, places],
  );
  useEffect(() => {
    const now = anchor.current && places.get(anchor.current.id);
    if (!anchor.current || !now) return;
    const { x, y, zoom } = flow.getViewport();
    const { place } = anchor.current;
    anchor.current = null;
    flow.setViewport({ x: x + (place.x - now.x) * zoom, y: y + (place.y - now.y) * zoom, zoom });
  }, [flow, places]);
  const { nodes, edges } = useMemo(
    () =>
      flowElements({
        ...{ place, model, items, places, axis, queue, lab, found },
        ...{ selectedSpan, selectedEdge, selectedLink, onSpan, onEdge, onLink, onOpen: open },
      }),
    [
      place,
      model,
      items,
      places,
      axis,
      queue,
      lab,
      found,
      selectedSpan,
      selectedEdge,
      selectedLink,
      onSpan,
      onEdge,
      onLink,
      open,
    ],
  );

  const fit = useCallback(() => flow.fitView({ padding: 0.08, maxZoom: 1, duration: calmDuration() }), [flow]);
  const first = useCallback(() => {
    const box = frame.current?.getBoundingClientRect();
    if (box) flow.setViewport(firstViewport([...places.values()], box.width, box.height));
  }, [flow, places]);

  // Another picture (a trace, an axis) starts where it is readable; opening a group leaves the viewport alone
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the trace and the axis make another picture
  useEffect(first, [model, axis]);

  const wantedPlace = wanted && places.get(wanted.id);
  useEffect(() => {
    if (wantedPlace && frame.current) keepInView(flow, frame.current, wantedPlace.x, wantedPlace.y);
  }, [flow, wantedPlace]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'f' || event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return;
      fit();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [fit]);

  return (
    <section className={styles.frame} ref={frame} aria-label="Causality graph" data-testid="causality-graph">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onInit={first}
        onPaneClick={onNothing}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        panOnScroll
        zoomOnDoubleClick={false}
        minZoom={0.05}
        maxZoom={2}
        onlyRenderVisibleElements={items.length > 120}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--border-strong)" />
        {items.length > MINIMAP_FROM && (
          <MiniMap<GraphFlowNode>
            pannable
            zoomable
            className={styles.minimap}
            ariaLabel="Overview of the graph"
            nodeColor={(node) =>
              node.type === 'span' ? serviceColour(serviceOf(node.data.node.span)) : 'var(--text-3)'
            }
            maskColor="color-mix(in srgb, var(--background) 70%, transparent)"
            bgColor="var(--surface)"
            style={{ width: 148, height: 96 }}
          />
        )}
      </ReactFlow>
      <GraphControls axis={axis} onAxis={onAxis} onFit={fit}>
        {opened.size > 0 && (
          <Button kind="plain" onClick={() => setOpened(new Set())}>
            Close groups
          </Button>
        )}
      </GraphControls>
      <GraphLegend
        queue={model.view.spanLinks.length > 0}
        gone={lab !== undefined && goneEdges(lab.difference).length > 0}
      />
      <SideEdgeArrow />
    </section>
  );
}

/** The whole picture when that is readable, its top otherwise. */
function firstViewport(places: readonly { readonly x: number; readonly y: number }[], width: number, height: number) {
  const left = Math.min(...places.map((place) => place.x));
  const right = Math.max(...places.map((place) => place.x)) + NODE_WIDTH;
  const bottom = Math.max(...places.map((place) => place.y)) + NODE_HEIGHT;
  const margin = 48;
  const fitting = Math.min((width - margin) / (right - left), (height - 2 * margin) / bottom, 1);
  const zoom = Math.max(fitting, SMALLEST_FIRST_ZOOM);
  const root = places[0] ?? { x: 0, y: 0 };
  const fits = (right - left) * zoom <= width - margin;
  const x = fits ? (width - (right + left) * zoom) / 2 : width / 2 - (root.x + NODE_WIDTH / 2) * zoom;
  return { x: root.x === left && !fits ? margin - left * zoom : x, y: margin, zoom };
}

function keepInView(flow: ReturnType<typeof useReactFlow>, frame: HTMLElement, x: number, y: number): void {
  const { x: panX, y: panY, zoom } = flow.getViewport();
  const [left, top] = [x * zoom + panX, y * zoom + panY];
  const inside =
    left >= 0 &&
    top >= 0 &&
    left + NODE_WIDTH * zoom <= frame.clientWidth &&
    top + NODE_HEIGHT * zoom <= frame.clientHeight;
  if (inside) return;
  flow.setCenter(x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2, {
    zoom: Math.max(zoom, SMALLEST_FIRST_ZOOM),
    duration: calmDuration(),
  });
}

function calmDuration(): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 180;
}
