import type { SpanLink } from '@causeway/core';
import { serviceOf } from '../../../api/span-facts';
import type { Place } from '../../data/place';
import { formatDuration } from '../../format/duration';
import { formatPlural } from '../../format/quantity';
import { ServiceName } from '../../identity/service-name';
import { ruleOf } from '../evidence/rule-of';
import type { SpanNode, TraceModel } from '../trace-model';
import { requestOf } from '../trace-model';
import { LeftOut } from './left-out';
import { MissingList } from './missing-list';
import { roundSummaries, ruleCounts, slowestSteps } from './overview-facts';
import { QueueLinks } from './queue-links';
import styles from './trace-overview.module.css';

interface TraceOverviewProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
  readonly onLink: (link: SpanLink) => void;
  readonly others: boolean;
  readonly onOthers: (others: boolean) => void;
  readonly hiddenOthers: number;
}

/** With nothing selected: how this trace was put together. */
export function TraceOverview(props: TraceOverviewProps) {
  const { place, model, onSpan, onEvidence, onLink } = props;
  const { missing, spanLinks, prunedSpans } = model.view;
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
      </section>
      {missing.length > 0 && <MissingList model={model} onSpan={onSpan} onEvidence={onEvidence} />}
      {spanLinks.length > 0 && <QueueLinks place={place} model={model} onLink={onLink} />}
      {prunedSpans > 0 && <LeftOut {...props} />}
      <section>
        <h3 className={styles.title}>How its spans were found</h3>
        <ul>
          {roundSummaries(model).map((text) => (
            <li key={text} className={styles.round}>
              {text}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
