import { hasError } from '../../../api/span-facts';
import type { SpanNode } from '../trace-model';

/** A row of the timeline's tree. */
export interface TimelineRow {
  readonly node: SpanNode;
  readonly collapsed: boolean;
  /** Errors below a collapsed row, which would be out of sight otherwise. */
  readonly hiddenErrors: number;
  readonly hiddenSpans: number;
}

/** The rows to draw: all spans but those under a collapsed one. */
export function timelineRows(nodes: readonly SpanNode[], collapsed: ReadonlySet<string>): TimelineRow[] {
  const rows: TimelineRow[] = [];
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index]!;
    const closed = collapsed.has(node.id) && node.children.length > 0;
    let hiddenErrors = 0;
    let hiddenSpans = 0;
    if (closed) {
      while (index + 1 < nodes.length && nodes[index + 1]!.depth > node.depth) {
        index += 1;
        hiddenSpans += 1;
        if (hasError(nodes[index]!.span)) hiddenErrors += 1;
      }
    }
    rows.push({ node, collapsed: closed, hiddenErrors, hiddenSpans });
  }
  return rows;
}
