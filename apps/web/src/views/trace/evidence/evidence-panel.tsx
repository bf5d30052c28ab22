import { ArrowUp } from 'lucide-react';
import type { CaptureDetail } from '../../../api/contract';
import type { Place } from '../../data/place';
import { SpanCard } from '../span-card';
import type { SpanNode, TraceModel } from '../trace-model';
import { ConditionItems } from './condition-items';
import { CoverDrawing } from './cover-drawing';
import styles from './evidence-panel.module.css';
import { MatchedTable } from './matched-table';
import { NearMissList } from './near-miss-list';
import { RootReason } from './root-reason';
import { RuleHeading } from './rule-heading';

interface EvidencePanelProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly child: SpanNode;
  readonly capture: CaptureDetail | undefined;
  readonly onSpan: (node: SpanNode) => void;
}

/** Why a span hangs where it hangs: the rule, what matched, how closely the times fitted, and what almost was. */
export function EvidencePanel({ place, model, child, capture, onSpan }: EvidencePanelProps) {
  const { link, parent } = child;
  return (
    <div className={styles.panel} data-testid="evidence-panel" data-rule={link?.rule ?? 'none'}>
      {link === undefined || parent === undefined ? (
        <RootReason root={child} model={model} capture={capture} />
      ) : (
        <>
          <RuleHeading link={link} />
          <section className={styles.pair}>
            <SpanCard span={parent.span} part="Parent" onClick={() => onSpan(parent)} />
            <span className={styles.arrow}>
              <ArrowUp size={14} /> hangs under
            </span>
            <SpanCard span={child.span} part="Child" onClick={() => onSpan(child)} />
          </section>
          <section>
            <h3 className={styles.title}>Matched values</h3>
            <MatchedTable
              evidence={link.evidence}
              sides={[
                link.evidence.through === undefined ? 'Child' : 'Call',
                link.evidence.via === undefined ? 'Parent' : 'Sibling',
              ]}
            />
            <Via model={model} link={link} onSpan={onSpan} />
          </section>
          <section>
            <h3 className={styles.title}>Conditions</h3>
            <CoverDrawing child={child.span} parent={parent.span} />
            <ul className={styles.conditions}>
              <ConditionItems conditions={link.evidence.conditions} className={styles.condition} iconSize={14} />
            </ul>
          </section>
        </>
      )}
      <NearMissList place={place} child={child} model={model} onSpan={onSpan} />
    </div>
  );
}

interface ViaProps {
  readonly model: TraceModel;
  readonly link: NonNullable<SpanNode['link']>;
  readonly onSpan: (node: SpanNode) => void;
}

/** A third span whose values were compared: a sibling instead of the parent, or a call below the child instead of it. */
function Via({ model, link, onSpan }: ViaProps) {
  const { via, through } = link.evidence;
  const id = via ?? through;
  const node = id === undefined ? undefined : model.byId.get(id);
  if (node === undefined) return null;
  return (
    <div className={styles.via}>
      <p className={styles.field}>
        {via === undefined
          ? 'The value on the left is that of a call below the child:'
          : 'The value on the right is that of a sibling under the same parent:'}
      </p>
      <SpanCard span={node.span} part={via === undefined ? 'Call' : 'Sibling'} onClick={() => onSpan(node)} />
    </div>
  );
}
