import { CircleHelp, Sprout } from 'lucide-react';
import type { CaptureDetail } from '../../../api/contract';
import { missingOf, type SpanNode, type TraceModel } from '../trace-model';
import { MissingNote } from './missing-note';
import styles from './root-reason.module.css';
import { explainRoot } from './root-words';

interface RootReasonProps {
  readonly root: SpanNode;
  readonly model: TraceModel;
  readonly capture: CaptureDetail | undefined;
}

export function RootReason({ root, model, capture }: RootReasonProps) {
  const { finding, reasons, doubts } = explainRoot(root, model, capture?.coverage);
  const missing = missingOf(model, root).find(({ what }) => what === 'parent');
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
      {missing && <MissingNote edge={missing} />}
      {doubts.map((doubt) => (
        <p key={doubt} className={styles.doubt}>
          <CircleHelp size={14} /> {doubt}
        </p>
      ))}
    </section>
  );
}
