import type { ParentLink, SpanLink } from '@causeway/core';
import { Badge } from '../../../ui/badge';
import styles from './evidence-panel.module.css';
import { ruleOf } from './rule-of';

const TONES = { exact: 'ok', weak: 'warn', inferred: 'inferred' } as const;

/** The rule that drew an edge, how sure it is, and its sentence. */
export function RuleHeading({ link }: { readonly link: ParentLink | SpanLink }) {
  const { name, sentence } = ruleOf(link.rule);
  return (
    <section className={styles.rule}>
      <p className={styles.ruleLine}>
        <b className={styles.ruleId} data-testid="evidence-rule">
          {link.rule}
        </b>
        <span className={styles.ruleName}>{name}</span>
        <Badge tone={TONES[link.strength]}>
          {link.strength}
          {link.probability !== undefined && ` ${Math.round(link.probability * 100)} %`}
        </Badge>
      </p>
      <p className={styles.sentence} data-testid="evidence-sentence">
        {sentence}
      </p>
    </section>
  );
}
