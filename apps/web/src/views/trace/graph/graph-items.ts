import type { SpanId } from '@causeway/core';
import { hasError, serviceOf } from '../../../api/span-facts';
import type { SpanNode } from '../trace-model';
import { linkName, type QueueDrawing, type QueueEnd } from './queue-ends';

/** More siblings that are alike than this are drawn as one box until it is opened. */
export const SIBLING_LIMIT = 4;
const NO_ENDS: QueueDrawing['endsAt'] = new Map();

interface SpanItem {
  readonly kind: 'span';
  readonly id: string;
  readonly parent: string | null;
  readonly start: number;
  readonly node: SpanNode;
}

/** Siblings that are alike: same service, side, protocol and method. What hangs under them is inside the box as well. */
interface GroupItem {
  readonly kind: 'group';
  readonly id: string;
  readonly parent: string | null;
  readonly start: number;
  readonly end: number;
  readonly members: readonly SpanNode[];
  /** Spans inside the box, members and all below them. */
  readonly spanCount: number;
  readonly errorCount: number;
}

/** The other end of a message-queue link, hung below the span that it belongs to. */
interface QueueItem {
  readonly kind: 'queue';
  readonly id: string;
  readonly parent: string;
  readonly start: number;
  readonly end: QueueEnd;
}

export type GraphItem = SpanItem | GroupItem | QueueItem;

/**
 * What is drawn of a tree, depth first: every span, except where many alike siblings stand as one group.
 * @param opened ids of groups that were opened.
 * @param wanted a span that must not be hidden, e.g. the one in the address.
 * @param endsAt what lies at the other end of queue links, by the span of this trace.
 */
export function graphItems(
  roots: readonly SpanNode[],
  opened: ReadonlySet<string>,
  wanted: SpanNode | undefined,
  endsAt: QueueDrawing['endsAt'] = NO_ENDS,
): GraphItem[] {
  const path = new Set<SpanNode>();
  for (let at = wanted; at !== undefined; at = at.parent) path.add(at);
  const items: GraphItem[] = [];
  const visit = (siblings: readonly SpanNode[], parent: string | null) => {
    const alike = new Map<string, SpanNode[]>();
    for (const node of siblings) {
      const key = likeness(node);
      const group = alike.get(key);
      if (group) group.push(node);
      else alike.set(key, [node]);
    }
    for (const node of siblings) {
      const key = likeness(node);
      const members = alike.get(key)!;
      const id = groupId(parent, key);
      // Roots are no siblings: one is the trace, the others stand beside it.
      const many = parent !== null && members.length > SIBLING_LIMIT;
      if (!many || opened.has(id) || members.some((member) => path.has(member))) {
        items.push({ kind: 'span', id: node.id, parent, start: node.span.start, node });
        visit(node.children, node.id);
        for (const end of endsAt.get(node.id) ?? []) {
          items.push({
            kind: 'queue',
            id: `queue:${linkName(end.link)}`,
            parent: node.id,
            start: node.span.start,
            end,
          });
        }
      } else if (members[0] === node) {
        items.push(groupItem(id, parent, members));
      }
    }
  };
  visit(roots, null);
  return items;
}

/** The box that each span is in: its own, or that of the group which it, or a span above it, belongs to. */
export function boxesOf(items: readonly GraphItem[]): ReadonlyMap<SpanId, string> {
  const boxes = new Map<SpanId, string>();
  for (const item of items) {
    if (item.kind === 'span') boxes.set(item.node.id, item.id);
    if (item.kind !== 'group') continue;
    const put = (node: SpanNode) => {
      boxes.set(node.id, item.id);
      node.children.forEach(put);
    };
    item.members.forEach(put);
  }
  return boxes;
}

function groupItem(id: string, parent: string | null, members: readonly SpanNode[]): GroupItem {
  let spanCount = 0;
  let errorCount = 0;
  const count = (node: SpanNode) => {
    spanCount += 1;
    if (hasError(node.span)) errorCount += 1;
    node.children.forEach(count);
  };
  members.forEach(count);
  return {
    kind: 'group',
    id,
    parent,
    start: Math.min(...members.map((member) => member.span.start)),
    end: Math.max(...members.map((member) => member.span.end)),
    members,
    spanCount,
    errorCount,
  };
}

function likeness({ span }: SpanNode): string {
  return [serviceOf(span), span.tapSide, span.protocol, span.method ?? ''].join('|');
}

function groupId(parent: string | null, key: string): string {
  return `group:${parent ?? ''}:${key}`;
}
