import type { Span, SpanId, SpanLink } from '@causeway/core';
import { serviceOf } from '../../../api/span-facts';
import type { Place } from '../../data/place';
import { formatPlural } from '../../format/quantity';
import { AppLink } from '../../shell/app-link';
import { linkName } from '../graph/queue-ends';
import { traceHref } from '../trace-address';
import type { TraceModel } from '../trace-model';
import { requestOf } from '../trace-model';
import styles from './trace-overview.module.css';

const SHOWN_LINKS = 12;

interface QueueLinksProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly onLink: (link: SpanLink) => void;
}

/** What went through a message queue from this trace to others, or from others to it: the evidence, and the other trace. */
export function QueueLinks({ place, model, onLink }: QueueLinksProps) {
  const { spanLinks } = model.view;
  const name = (id: SpanId) => {
    const span: Span | undefined = model.byId.get(id)?.span ?? model.outside.get(id);
    return span && `${serviceOf(span)} ${requestOf(span)}`;
  };
  return (
    <section data-testid="queue-links">
      <h3 className={styles.title}>Over message queues</h3>
      <ul>
        {spanLinks.slice(0, SHOWN_LINKS).map((link) => {
          const elsewhere = [link.from, link.to].find((id) => !model.byId.has(id));
          return (
            <li key={linkName(link)} className={styles.pair}>
              <button type="button" className={styles.link} onClick={() => onLink(link)}>
                <span className={styles.what}>
                  <code>{name(link.from)}</code> ⇢ <code>{name(link.to)}</code>
                </span>
              </button>
              {elsewhere !== undefined && (
                <AppLink className={styles.away} href={traceHref(place, elsewhere)}>
                  {elsewhere === link.from ? 'its producer’s trace' : 'its consumer’s trace'}
                </AppLink>
              )}
            </li>
          );
        })}
      </ul>
      {spanLinks.length > SHOWN_LINKS && (
        <p className={styles.round}>{formatPlural(spanLinks.length - SHOWN_LINKS, 'link')} more.</p>
      )}
    </section>
  );
}
