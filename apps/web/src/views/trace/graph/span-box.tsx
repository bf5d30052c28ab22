import { Handle, type NodeProps, Position } from '@xyflow/react';
import { hasError, serviceOf } from '../../../api/span-facts';
import { cx } from '../../../ui/cx';
import { serviceColour } from '../../identity/hue';
import { ProtocolBadge } from '../../identity/protocol-badge';
import { StatusIcon } from '../../identity/status-icon';
import { TapSideMark } from '../../identity/tap-side-mark';
import { durationOf, requestOf } from '../trace-model';
import type { SpanFlowNode } from './flow-elements';
import { ShareBar } from './share-bar';
import styles from './span-box.module.css';

export function SpanBox({ data }: NodeProps<SpanFlowNode>) {
  const { node, model, selected, dimmed, leftOut, onSelect } = data;
  const { span } = node;
  const service = serviceOf(span);
  return (
    <>
      <Handle type="target" position={Position.Top} className={styles.handle} isConnectable={false} />
      <button
        type="button"
        className={cx(
          styles.box,
          hasError(span) && styles.failed,
          span.status === 'client_error' && styles.warned,
          leftOut && styles.leftOut,
          selected && styles.selected,
          dimmed && styles.dimmed,
        )}
        style={{ '--hue': serviceColour(service) }}
        tabIndex={selected || (node.parent === undefined && !dimmed) ? 0 : -1}
        aria-pressed={selected}
        aria-label={`${service}, ${span.tapSide}, ${requestOf(span)}, ${durationOf(span)}`}
        data-testid="span-node"
        data-span={span.id}
        data-left-out={leftOut}
        {...(leftOut && { title: 'Left out of the trace: no rule ties it to it' })}
        onClick={() => onSelect(node)}
      >
        <span className={styles.line}>
          <span className={styles.service}>{service}</span>
          <TapSideMark tapSide={span.tapSide} />
          <span className={styles.status}>
            <StatusIcon status={span.status} incomplete={span.incomplete !== undefined} size={13} />
          </span>
        </span>
        <span className={styles.line}>
          <ProtocolBadge protocol={span.protocol} />
          <span className={styles.request} title={span.resource ?? requestOf(span)}>
            {requestOf(span)}
          </span>
        </span>
        <span className={styles.line}>
          <ShareBar from={span.start} to={span.end} model={model} />
          <span className={styles.duration}>{durationOf(span)}</span>
        </span>
      </button>
      <Handle type="source" position={Position.Bottom} className={styles.handle} isConnectable={false} />
    </>
  );
}
