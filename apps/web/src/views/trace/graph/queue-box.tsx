import { Handle, type NodeProps, Position } from '@xyflow/react';
import { ArrowUpRight } from 'lucide-react';
import { serviceOf } from '../../../api/span-facts';
import { serviceColour } from '../../identity/hue';
import { ProtocolBadge } from '../../identity/protocol-badge';
import { AppLink } from '../../shell/app-link';
import { traceHref } from '../trace-address';
import { requestOf } from '../trace-model';
import type { QueueFlowNode } from './flow-elements';
import styles from './queue-box.module.css';
import box from './span-box.module.css';

/** The other end of a message-queue link: leads to the trace that it is in. */
export function QueueBox({ data }: NodeProps<QueueFlowNode>) {
  const { place, end } = data;
  const { span, incoming } = end;
  const service = serviceOf(span);
  return (
    <>
      <Handle type="target" position={Position.Top} className={box.handle} isConnectable={false} />
      <AppLink
        href={traceHref(place, span.id)}
        className={styles.box}
        style={{ '--hue': serviceColour(service) }}
        data-testid="queue-end"
        title={`Open the trace of the ${incoming ? 'producer' : 'consumer'}`}
      >
        <span className={styles.line}>
          {incoming ? 'from another trace' : 'to another trace'}
          <ArrowUpRight size={12} />
        </span>
        <span className={box.line}>
          <span className={box.service}>{service}</span>
          <ProtocolBadge protocol={span.protocol} />
          <span className={box.request}>{requestOf(span)}</span>
        </span>
      </AppLink>
      <Handle type="source" position={Position.Bottom} className={box.handle} isConnectable={false} />
    </>
  );
}
