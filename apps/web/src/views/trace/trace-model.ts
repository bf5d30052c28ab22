import type { MissingEdge, ParentLink, RuleEvidence, Span, SpanId } from '@causeway/core';
import type { TraceView } from '../../api/contract';
import { hasError, serviceOf } from '../../api/span-facts';
import { formatDuration } from '../format/duration';

/** A span in its place in the tree. */
export interface SpanNode {
  readonly id: SpanId;
  readonly span: Span;
  readonly depth: number;
  /** Position in depth-first order. */
  readonly index: number;
  readonly parent: SpanNode | undefined;
  readonly children: readonly SpanNode[];
  /** Why it hangs where it hangs; absent for the root. */
  readonly link: ParentLink | undefined;
  readonly nearMisses: readonly RuleEvidence[];
}

/** A trace as the pages walk it. */
export interface TraceModel {
  readonly view: TraceView;
  /** Depth first, siblings by start. */
  readonly nodes: readonly SpanNode[];
  readonly byId: ReadonlyMap<SpanId, SpanNode>;
  /** Spans that near misses name but that lie in other trees. */
  readonly outside: ReadonlyMap<SpanId, Span>;
  readonly errors: readonly SpanNode[];
  /** Services in order of appearance, with how many spans each has. */
  readonly services: readonly { readonly service: string; readonly spanCount: number }[];
}

/** Builds the tree from a server's answer. A link to a span that is not in the answer leaves a second root rather than failing. */
export function buildTraceModel(view: TraceView): TraceModel {
  const links = new Map(view.links.map((link) => [link.child, link]));
  const misses = groupByChild(view.nearMisses);
  const ids = new Set(view.spans.map((span) => span.id));
  const childrenOf = new Map<SpanId | undefined, Span[]>();
  for (const span of view.spans) {
    const parent = links.get(span.id)?.parent;
    const key = parent !== undefined && ids.has(parent) ? parent : undefined;
    const siblings = childrenOf.get(key);
    if (siblings) siblings.push(span);
    else childrenOf.set(key, [span]);
  }
  const nodes: SpanNode[] = [];
  const place = (span: Span, parent: SpanNode | undefined): SpanNode => {
    const children: SpanNode[] = [];
    const node: SpanNode = {
      id: span.id,
      span,
      depth: parent === undefined ? 0 : parent.depth + 1,
      index: nodes.length,
      parent,
      children,
      link: parent === undefined ? undefined : links.get(span.id),
      nearMisses: misses.get(span.id) ?? [],
    };
    nodes.push(node);
    for (const child of childrenOf.get(span.id) ?? []) children.push(place(child, node));
    return node;
  };
  for (const root of childrenOf.get(undefined) ?? []) place(root, undefined);
  return {
    view,
    nodes,
    byId: new Map(nodes.map((node) => [node.id, node])),
    outside: new Map(view.outside.map((span) => [span.id, span])),
    errors: nodes.filter((node) => hasError(node.span)),
    services: countServices(nodes),
  };
}

/** What was asked, short: `GET /checkout`, `SELECT shop.orders`. */
export function requestOf(span: Span): string {
  const { method = '', protocol } = span;
  // An endpoint that is no more than the verb says less than what was asked for (Redis)
  const what =
    (span.endpoint?.toUpperCase() === method.toUpperCase() ? span.resource : span.endpoint) ?? span.resource ?? '';
  // A statement or command begins with its verb already
  if (what.toUpperCase().startsWith(method.toUpperCase())) return what || protocol;
  return `${method} ${what}`.trim();
}

/** How long it took. Of a one-way message nobody sees an end: what is known is that it was sent. */
export function durationOf(span: Span): string {
  return span.oneway ? 'one-way' : formatDuration(span.end - span.start);
}

/** What a span lacks: its parent, or one of its halves. */
export function missingOf(model: TraceModel, { id }: SpanNode): readonly MissingEdge[] {
  return model.view.missing.filter(({ span }) => span === id);
}

function countServices(nodes: readonly SpanNode[]) {
  const counts = new Map<string, number>();
  for (const { span } of nodes) counts.set(serviceOf(span), (counts.get(serviceOf(span)) ?? 0) + 1);
  return [...counts].map(([service, spanCount]) => ({ service, spanCount }));
}

function groupByChild(all: readonly RuleEvidence[]): Map<SpanId, RuleEvidence[]> {
  const groups = new Map<SpanId, RuleEvidence[]>();
  for (const one of all) {
    const group = groups.get(one.child);
    if (group) group.push(one);
    else groups.set(one.child, [one]);
  }
  return groups;
}
