import { OctagonAlert, Waypoints } from 'lucide-react';
import { hasError } from '../../../api/span-facts';
import { Button } from '../../../ui/button';
import { CopyButton } from '../../../ui/copy-button';
import { MissingNote } from '../evidence/missing-note';
import { ruleOf } from '../evidence/rule-of';
import { SpanCard } from '../span-card';
import { missingOf, type SpanNode, type TraceModel } from '../trace-model';
import styles from './span-details.module.css';
import { spanFields } from './span-fields';

interface SpanDetailsProps {
  readonly model: TraceModel;
  readonly node: SpanNode;
  readonly onEvidence: (node: SpanNode) => void;
}

/** All that is known of one span. */
export function SpanDetails({ model, node, onEvidence }: SpanDetailsProps) {
  const { span, link } = node;
  return (
    <div className={styles.details} data-testid="span-details">
      <SpanCard span={span} part="Span" />
      {hasError(span) && (
        <p className={styles.error}>
          <OctagonAlert size={14} />
          {[span.statusCode, span.exception].filter((part) => part !== undefined).join(' ') || 'It failed.'}
        </p>
      )}
      {missingOf(model, node)
        .filter(({ what }) => what !== 'parent')
        .map((edge) => (
          <MissingNote key={edge.what} edge={edge} />
        ))}
      <Button icon={<Waypoints size={14} />} onClick={() => onEvidence(node)} data-testid="show-evidence">
        {link === undefined ? 'Why has it no parent?' : `Why here? ${link.rule} ${ruleOf(link.rule).name}`}
      </Button>
      {spanFields(span, model.view).map((group) => (
        <section key={group.title}>
          <h3 className={styles.title}>{group.title}</h3>
          <dl>
            {group.fields.map((field) => (
              <div key={`${field.name} ${field.value}`} className={styles.field}>
                <dt>{field.name}</dt>
                <dd>{field.value}</dd>
                <CopyButton text={field.exact ?? field.value} what={field.name} className={styles.copy} />
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
