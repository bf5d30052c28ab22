import { serviceOf } from '../../../api/span-facts';
import type { Place } from '../../data/place';
import { formatDuration } from '../../format/duration';
import { formatPlural } from '../../format/quantity';
import { ServiceName } from '../../identity/service-name';
import { ruleOf } from '../evidence/rule-of';
import type { SpanNode, TraceModel } from '../trace-model';
import { requestOf } from '../trace-model';
import { roundSummaries, ruleCounts, slowestSteps } from './overview-facts';
import { QueueLinks } from './queue-links';
import styles from './trace-overview.module.css';

interface TraceOverviewProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
}

/** With nothing selected: how this trace was put together. */
export function TraceOverview({ place, model, onSpan, onEvidence }: TraceOverviewProps) {
  const root = model.nodes[0];
  return (
    <div className={styles.overview} data-testid="trace-overview">
      <p className={styles.hint}>Select a span for its details, or an edge for the reason it is there.</p>
      <section>
        <h3 className={styles.title}>Services</h3>
        <ul>
          {model.services.map(({ service, spanCount }) => (
            <li key={service} className={styles.line}>
              <ServiceName service={service} />
              <span>{formatPlural(spanCount, 'span')}</span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3 className={styles.title}>Where the time went</h3>
        <ul>
          {slowestSteps(model).map(({ node, selfNs }) => (
            <li key={node.id}>
              <button type="button" className={styles.link} onClick={() => onSpan(node)}>
                <span className={styles.what}>
                  {serviceOf(node.span)} <code>{requestOf(node.span)}</code>
                </span>
                <span>{formatDuration(selfNs)}</span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3 className={styles.title}>Rules that drew the edges</h3>
        <ul>
          {ruleCounts(model).map(({ rule, count, first }) => (
            <li key={rule}>
              <button
                type="button"
                className={styles.link}
                title={ruleOf(rule).sentence}
                onClick={() => onEvidence(first)}
              >
                <span className={styles.what}>
                  <code>
                    <b>{rule}</b> {ruleOf(rule).name}
                  </code>
                </span>
                <span>{formatPlural(count, 'edge')}</span>
              </button>
            </li>
          ))}
        </ul>
        {root && (
          <button type="button" className={styles.link} onClick={() => onEvidence(root)} data-testid="why-root">
            <span className={styles.what}>Why has the first span no parent?</span>
          </button>
        )}
      </section>
      {model.view.spanLinks.length > 0 && <QueueLinks place={place} model={model} onSpan={onSpan} />}
      <section>
        <h3 className={styles.title}>How its spans were found</h3>
        <ul>
          {roundSummaries(model).map((text) => (
            <li key={text} className={styles.round}>
              {text}
            </li>
          ))}
        </ul>
        {model.view.pruned.length > 0 && (
          <p className={styles.round}>
            {formatPlural(model.view.pruned.length, 'related span')} left out: they belong to other trees.
          </p>
        )}
      </section>
    </div>
  );
}
