import type { Span } from '@causeway/core';
import { serviceOf } from '../../api/span-facts';
import { cx } from '../../ui/cx';
import { serviceColour } from '../identity/hue';
import { TapSideMark } from '../identity/tap-side-mark';
import { AppLink } from '../shell/app-link';
import styles from './span-card.module.css';
import { durationOf, requestOf } from './trace-model';

interface SpanCardProps {
  readonly span: Span;
  /** What it is here, e.g. "Parent". */
  readonly part: string;
  readonly onClick?: () => void;
  /** Where it leads instead, when it lies in another trace. */
  readonly href?: string;
}

/** A span in two lines. */
export function SpanCard({ span, part, onClick, href }: SpanCardProps) {
  const content = (
    <>
      <span className={styles.line}>
        <span className={styles.role}>{part}</span>
        <b>{serviceOf(span)}</b>
        <TapSideMark tapSide={span.tapSide} />
        <span className={styles.duration}>{durationOf(span)}</span>
      </span>
      <span className={styles.request}>{requestOf(span)}</span>
    </>
  );
  const style = { '--hue': serviceColour(serviceOf(span)) };
  if (href !== undefined) {
    return (
      <AppLink className={cx(styles.card, styles.link)} style={style} href={href}>
        {content}
      </AppLink>
    );
  }
  if (onClick === undefined) {
    return (
      <div className={styles.card} style={style}>
        {content}
      </div>
    );
  }
  return (
    <button type="button" className={cx(styles.card, styles.link)} style={style} onClick={onClick}>
      {content}
    </button>
  );
}
