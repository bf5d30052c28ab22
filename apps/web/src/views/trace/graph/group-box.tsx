import { Handle, type NodeProps, Position } from '@xyflow/react';
import { OctagonAlert, UnfoldVertical } from 'lucide-react';
import { serviceOf } from '../../../api/span-facts';
import { cx } from '../../../ui/cx';
import { formatDuration } from '../../format/duration';
import { formatPlural } from '../../format/quantity';
import { serviceColour } from '../../identity/hue';
import { ProtocolBadge } from '../../identity/protocol-badge';

import type { GroupFlowNode } from './flow-elements';
import styles from './group-box.module.css';
import { ShareBar } from './share-bar';
import box from './span-box.module.css';

export function GroupBox({ data }: NodeProps<GroupFlowNode>) {
  const { group, model, dimmed, onOpen } = data;
  const { span } = group.members[0]!;
  const title = `${group.members.length} × ${span.protocol}${span.method === undefined ? '' : ` ${span.method}`}`;
  return (
    <>
      <Handle type="target" position={Position.Top} className={box.handle} isConnectable={false} />
      <button
        type="button"
        className={cx(box.box, styles.stack, group.errorCount > 0 && box.failed, dimmed && box.dimmed)}
        style={{ '--hue': serviceColour(serviceOf(span)) }}
        aria-label={`${title}: open the group`}
        data-testid="span-group"
        onClick={() => onOpen(group.id)}
      >
        <span className={box.line}>
          <span className={box.service}>{serviceOf(span)}</span>
          {group.errorCount > 0 && (
            <span className={styles.errors}>
              <OctagonAlert size={12} /> {group.errorCount}
            </span>
          )}
          <span className={box.status}>
            <UnfoldVertical size={13} color="var(--text-3)" />
          </span>
        </span>
        <span className={box.line}>
          <b className={styles.count}>{group.members.length} ×</b>
          <ProtocolBadge protocol={span.protocol} />
          <span className={box.request}>{span.method}</span>
        </span>
        <span className={box.line}>
          <ShareBar from={group.start} to={group.end} model={model} />
          <span className={box.duration} title={`${formatPlural(group.spanCount, 'span')} inside`}>
            {formatDuration(group.end - group.start)}
          </span>
        </span>
      </button>
      <Handle type="source" position={Position.Bottom} className={box.handle} isConnectable={false} />
    </>
  );
}
