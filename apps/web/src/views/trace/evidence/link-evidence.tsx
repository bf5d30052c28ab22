import type { SpanLink } from '@causeway/core';
import { ArrowDown } from 'lucide-react';
import type { Place } from '../../data/place';
import { SpanCard } from '../span-card';
import { traceHref } from '../trace-address';
import type { SpanNode, TraceModel } from '../trace-model';
import { ConditionItems } from './condition-items';
import styles from './evidence-panel.module.css';
import { MatchedTable } from './matched-table';
import { RuleHeading } from './rule-heading';

interface LinkEvidenceProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly link: SpanLink;
  readonly onSpan: (node: SpanNode) => void;
}

/** Why two spans are linked over a message queue. Either end leads on: within the trace, or to the trace it is in. */
export function LinkEvidence({ place, model, link, onSpan }: LinkEvidenceProps) {
  const card = (id: SpanLink['from'], part: string) => {
    const node = model.byId.get(id);
    if (node !== undefined) return <SpanCard span={node.span} part={part} onClick={() => onSpan(node)} />;
    const span = model.outside.get(id);
    return span && <SpanCard span={span} part={`${part}, in another trace`} href={traceHref(place, id)} />;
  };
  return (
    <div className={styles.panel} data-testid="link-evidence">
      <RuleHeading link={link} />
      <section className={styles.pair}>
        {card(link.from, 'Producer')}
        <span className={styles.arrow}>
          <ArrowDown size={14} /> through the queue; it did not wait
        </span>
        {card(link.to, 'Consumer')}
      </section>
      <section>
        <h3 className={styles.title}>Matched values</h3>
        <MatchedTable evidence={link.evidence} sides={['Consumer', 'Producer']} />
      </section>
      <section>
        <h3 className={styles.title}>Conditions</h3>
        <ul className={styles.conditions}>
          <ConditionItems conditions={link.evidence.conditions} className={styles.condition} iconSize={14} />
        </ul>
      </section>
    </div>
  );
}
