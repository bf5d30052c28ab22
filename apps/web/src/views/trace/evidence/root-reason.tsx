import { CircleHelp, Sprout } from 'lucide-react';
import type { CaptureDetail } from '../../../api/contract';
import type { SpanNode, TraceModel } from '../trace-model';
import styles from './root-reason.module.css';
import { explainRoot } from './root-words';

interface RootReasonProps {
  readonly root: SpanNode;
  readonly model: TraceModel;
  readonly capture: CaptureDetail | undefined;
}

export function RootReason({ root, model, capture }: RootReasonProps) {
  const { finding, reasons, doubts } = explainRoot(root, model, capture?.coverage);
  return (
    <section className={styles.reason} data-testid="root-reason">
      <h3 className={styles.title}>
        <Sprout size={16} /> Why it has no parent
      </h3>
      <p>{finding}</p>
      {reasons.map((reason) => (
        <p key={reason} className={styles.text}>
          {reason}
        </p>
      ))}
      {doubts.map((doubt) => (
        <p key={doubt} className={styles.doubt}>
          <CircleHelp size={14} /> {doubt}
        </p>
      ))}
      {doubts.length === 0 && (
        <p className={styles.text}>
          The search ran to its end, and the capture has no losses that could hide a parent.
        </p>
      )}
    </section>
  );
}
