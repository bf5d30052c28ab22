import type { Span, SpanId, SpanLink } from '@causeway/core';
import Link from 'next/link';
import { serviceOf } from '../../../api/span-facts';
import type { Place } from '../../data/place';
import { formatPlural } from '../../format/quantity';
import { conditionSentence } from '../evidence/condition-words';
import { traceHref } from '../trace-address';
import type { SpanNode, TraceModel } from '../trace-model';
import { requestOf } from '../trace-model';
import styles from './trace-overview.module.css';

const SHOWN_LINKS = 12;

interface QueueLinksProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly onSpan: (node: SpanNode) => void;
}

/** What went through a message queue from this trace to others, or from others to it. */
export function QueueLinks({ place, model, onSpan }: QueueLinksProps) {
  const { spanLinks } = model.view;
  return (
    <section data-testid="queue-links">
      <h3 className={styles.title}>Over message queues</h3>
      <ul>
        {spanLinks.slice(0, SHOWN_LINKS).map((link) => (
          <li key={`${link.from} ${link.to}`} title={reasonOf(link)}>
            <QueueEnd place={place} model={model} id={link.from} onSpan={onSpan} part="from" />
            <QueueEnd place={place} model={model} id={link.to} onSpan={onSpan} part="⇢" />
          </li>
        ))}
      </ul>
      {spanLinks.length > SHOWN_LINKS && (
        <p className={styles.round}>{formatPlural(spanLinks.length - SHOWN_LINKS, 'link')} more.</p>
      )}
    </section>
  );
}

interface QueueEndProps extends QueueLinksProps {
  readonly id: SpanId;
  readonly part: string;
}

/** A span of this trace is selected; one of another opens its trace. */
function QueueEnd({ place, model, id, onSpan, part }: QueueEndProps) {
  const node = model.byId.get(id);
  if (node !== undefined) {
    return (
      <button type="button" className={styles.link} onClick={() => onSpan(node)}>
        <EndText span={node.span} part={part} />
      </button>
    );
  }
  const span = model.outside.get(id);
  if (span === undefined) return null;
  return (
    <Link className={styles.link} href={traceHref(place, id)}>
      <EndText span={span} part={part} />
      <span>other trace</span>
    </Link>
  );
}

function EndText({ span, part }: { readonly span: Span; readonly part: string }) {
  return (
    <span className={styles.what}>
      {part} <b>{serviceOf(span)}</b> <code>{requestOf(span)}</code>
    </span>
  );
}

function reasonOf({ rule, strength, evidence }: SpanLink): string {
  return [`${rule}, ${strength}`, ...evidence.conditions.map(conditionSentence)].join('. ');
}
