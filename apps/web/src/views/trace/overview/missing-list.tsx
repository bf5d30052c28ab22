import { serviceOf } from '../../../api/span-facts';
import { Badge } from '../../../ui/badge';
import { missingName } from '../evidence/missing-words';
import type { SpanNode, TraceModel } from '../trace-model';
import { requestOf } from '../trace-model';
import styles from './trace-overview.module.css';

const SHOWN = 8;

interface MissingListProps {
  readonly model: TraceModel;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
}

/** What the trace lacks: the parent of its first span, and halves of others; each leads to whether loss could explain it. */
export function MissingList({ model, onSpan, onEvidence }: MissingListProps) {
  const { missing } = model.view;
  return (
    <section data-testid="missing">
      <h3 className={styles.title}>What is missing</h3>
      <ul>
        {missing.slice(0, SHOWN).map((edge) => {
          const node = model.byId.get(edge.span);
          if (node === undefined) return null;
          const isRoot = edge.what === 'parent';
          return (
            <li key={`${edge.span} ${edge.what}`}>
              <button
                type="button"
                className={styles.link}
                onClick={() => (isRoot ? onEvidence(node) : onSpan(node))}
                {...(isRoot && { 'data-testid': 'why-root' })}
              >
                <span className={styles.what}>
                  {serviceOf(node.span)} <code>{requestOf(node.span)}</code>: {missingName(edge)}
                </span>
                <Badge tone={edge.lossPossible ? 'warn' : 'neutral'}>
                  {edge.lossPossible ? 'perhaps lost' : 'no loss'}
                </Badge>
              </button>
            </li>
          );
        })}
      </ul>
      {missing.length > SHOWN && <p className={styles.round}>{missing.length - SHOWN} more.</p>}
    </section>
  );
}
