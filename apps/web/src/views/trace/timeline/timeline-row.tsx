import type { ScaleLinear } from 'd3';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { hasError, serviceOf } from '../../../api/span-facts';
import { cx } from '../../../ui/cx';
import { serviceColour } from '../../identity/hue';
import { ProtocolBadge } from '../../identity/protocol-badge';
import { StatusIcon } from '../../identity/status-icon';
import { durationOf, requestOf, type SpanNode } from '../trace-model';
import styles from './timeline-row.module.css';
import type { TimelineRow } from './timeline-rows';

const INDENT = 14;
/** Deeper rows are not pushed further right: their names would have no room. */
const DEEPEST_INDENT = 12;

interface TimelineRowViewProps {
  readonly row: TimelineRow;
  readonly top: number;
  readonly scale: ScaleLinear<number, number>;
  readonly width: number;
  readonly selected: boolean;
  readonly dimmed: boolean;
  readonly onCollapse: (id: string) => void;
  readonly onSpan: (node: SpanNode) => void;
}

export const TimelineRowView = memo(function TimelineRowView(props: TimelineRowViewProps) {
  const { row, top, scale, width, selected, dimmed, onCollapse, onSpan } = props;
  const { node, collapsed, hiddenErrors, hiddenSpans } = row;
  const { span } = node;
  const hasChildren = node.children.length > 0;
  return (
    // Arrow keys move through the tree from anywhere on the page (use-trace-keys.ts)
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      className={cx(styles.row, selected && styles.selected, dimmed && styles.dimmed)}
      style={{ transform: `translateY(${top}px)`, '--hue': serviceColour(serviceOf(span)) }}
      role="treeitem"
      aria-level={node.depth + 1}
      aria-selected={selected}
      {...(hasChildren && { 'aria-expanded': !collapsed })}
      tabIndex={selected || node.index === 0 ? 0 : -1}
      data-testid="timeline-row"
      data-span={span.id}
      onClick={() => onSpan(node)}
    >
      <div className={styles.name} style={{ paddingLeft: 12 + Math.min(node.depth, DEEPEST_INDENT) * INDENT }}>
        <button
          type="button"
          className={styles.fold}
          style={{ visibility: hasChildren ? 'visible' : 'hidden' }}
          tabIndex={-1}
          aria-label={collapsed ? 'Open' : 'Close'}
          onClick={(event) => {
            event.stopPropagation();
            onCollapse(node.id);
          }}
        >
          {collapsed ? <ChevronRight size={14} /> : <ChevronDown size={14} />}
        </button>
        <span className={styles.dot} />
        <span className={styles.service}>{serviceOf(span)}</span>
        <span className={styles.side}>{span.tapSide}</span>
        <ProtocolBadge protocol={span.protocol} />
        <span className={styles.request} title={span.resource ?? requestOf(span)}>
          {requestOf(span)}
        </span>
        {hiddenSpans > 0 && (
          <span className={cx(styles.hidden, hiddenErrors > 0 && styles.hiddenErrors)}>
            +{hiddenSpans}
            {hiddenErrors > 0 && `, ${hiddenErrors} failed`}
          </span>
        )}
        {(hasError(span) || span.incomplete !== undefined) && (
          <span className={styles.status}>
            <StatusIcon status={span.status} incomplete={span.incomplete !== undefined} size={13} />
          </span>
        )}
      </div>
      <div className={styles.chart}>
        <Bar node={node} scale={scale} width={width} />
      </div>
    </div>
  );
});

interface BarProps {
  readonly node: SpanNode;
  readonly scale: ScaleLinear<number, number>;
  readonly width: number;
}

/** The span's time: pale while waiting for the response's first byte, full while it came. */
function Bar({ node, scale, width }: BarProps) {
  const { span } = node;
  const left = scale(span.start);
  const right = Math.max(scale(span.end), left + 2);
  if (right < 0 || left > width) {
    return <span className={cx(styles.away, left > width && styles.awayRight)}>{left > width ? '›' : '‹'}</span>;
  }
  const from = Math.max(left, -4);
  const to = Math.min(right, width + 4);
  const first = span.firstResponseByte === undefined ? undefined : scale(span.firstResponseByte);
  const labelRight = to + 64 < width;
  return (
    <>
      <span
        className={cx(styles.bar, hasError(span) && styles.failed, span.incomplete !== undefined && styles.incomplete)}
        style={{
          left: from,
          width: to - from,
          '--tone': span.status === 'client_error' ? 'var(--warn)' : 'var(--danger)',
        }}
      >
        {first !== undefined && first > from && first < to && (
          <span className={styles.response} style={{ left: first - from }} title="first byte of the response" />
        )}
      </span>
      <span className={styles.label} style={labelRight ? { left: to + 6 } : { right: Math.max(6, width - from + 6) }}>
        {durationOf(span)}
      </span>
    </>
  );
}
