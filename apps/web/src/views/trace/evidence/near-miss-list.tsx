import type { Place } from '../../data/place';
import { SpanCard } from '../span-card';
import { traceHref } from '../trace-address';
import type { SpanNode, TraceModel } from '../trace-model';
import { ConditionItems } from './condition-items';
import { nearMissSentence } from './condition-words';
import styles from './near-miss-list.module.css';
import { ruleOf } from './rule-of';

interface NearMissListProps {
  readonly place: Place;
  readonly child: SpanNode;
  readonly model: TraceModel;
  readonly onSpan: (node: SpanNode) => void;
}

/** Candidates that matched on a key and were turned down. */
export function NearMissList({ place, child, model, onSpan }: NearMissListProps) {
  return (
    <section data-testid="near-misses">
      <h3 className={styles.title}>
        Near misses <span>{child.nearMisses.length}</span>
      </h3>
      {child.nearMisses.length === 0 && <p className={styles.none}>Nothing that matched on a key was turned down.</p>}
      <ul className={styles.list}>
        {child.nearMisses.map((miss) => {
          const inTree = model.byId.get(miss.parent);
          const span = inTree?.span ?? model.outside.get(miss.parent);
          return (
            <li key={`${miss.rule} ${miss.parent}`} className={styles.miss} data-testid="near-miss">
              <p className={styles.rule}>
                <b>{miss.rule}</b> {ruleOf(miss.rule).name}
              </p>
              <p className={styles.sentence}>{nearMissSentence(miss)}</p>
              {span && (
                <SpanCard
                  span={span}
                  part={inTree ? 'Candidate' : 'Candidate, in another trace'}
                  {...(inTree ? { onClick: () => onSpan(inTree) } : { href: traceHref(place, miss.parent) })}
                />
              )}
              <details className={styles.more}>
                <summary>All {miss.conditions.length} conditions</summary>
                <ul>
                  <ConditionItems conditions={miss.conditions} className={styles.condition} iconSize={13} />
                </ul>
              </details>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
