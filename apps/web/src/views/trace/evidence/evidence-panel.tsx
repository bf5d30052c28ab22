import { ArrowUp } from 'lucide-react';
import type { CaptureDetail } from '../../../api/contract';
import { Badge } from '../../../ui/badge';
import { CopyButton } from '../../../ui/copy-button';
import { SpanCard } from '../span-card';
import type { SpanNode, TraceModel } from '../trace-model';
import { ConditionItems } from './condition-items';
import { fieldName } from './condition-words';
import { CoverDrawing } from './cover-drawing';
import styles from './evidence-panel.module.css';
import { NearMissList } from './near-miss-list';
import { RootReason } from './root-reason';
import { ruleOf } from './rule-of';

interface EvidencePanelProps {
  readonly model: TraceModel;
  readonly child: SpanNode;
  readonly capture: CaptureDetail | undefined;
  readonly onSpan: (node: SpanNode) => void;
}

/** Why a span hangs where it hangs: the rule, what matched, how closely the times fitted, and what almost was. */
export function EvidencePanel({ model, child, capture, onSpan }: EvidencePanelProps) {
  const { link, parent } = child;
  return (
    <div className={styles.panel} data-testid="evidence-panel" data-rule={link?.rule ?? 'none'}>
      {link === undefined || parent === undefined ? (
        <RootReason root={child} model={model} capture={capture} />
      ) : (
        <>
          <section className={styles.rule}>
            <p className={styles.ruleLine}>
              <b className={styles.ruleId} data-testid="evidence-rule">
                {link.rule}
              </b>
              <span className={styles.ruleName}>{ruleOf(link.rule).name}</span>
              <Badge tone={TONES[link.strength]}>
                {link.strength}
                {link.probability !== undefined && ` ${Math.round(link.probability * 100)} %`}
              </Badge>
            </p>
            <p className={styles.sentence} data-testid="evidence-sentence">
              {ruleOf(link.rule).sentence}
            </p>
          </section>
          <section className={styles.pair}>
            <SpanCard span={parent.span} part="Parent" onClick={() => onSpan(parent)} />
            <span className={styles.arrow}>
              <ArrowUp size={14} /> hangs under
            </span>
            <SpanCard span={child.span} part="Child" onClick={() => onSpan(child)} />
          </section>
          <section>
            <h3 className={styles.title}>Matched values</h3>
            <MatchedTable link={link} />
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
      <NearMissList child={child} model={model} onSpan={onSpan} />
    </div>
  );
}

const TONES = { exact: 'ok', weak: 'warn', inferred: 'inferred' } as const;

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

function MatchedTable({ link }: { readonly link: NonNullable<SpanNode['link']> }) {
  return (
    <table className={styles.matched}>
      <thead>
        <tr>
          <th>{link.evidence.through === undefined ? 'Child' : 'Call'}</th>
          <th>{link.evidence.via === undefined ? 'Parent' : 'Sibling'}</th>
        </tr>
      </thead>
      <tbody>
        {link.evidence.matched.map((match) => (
          <tr key={`${match.child} ${match.parent} ${match.value}`} data-testid="matched-value">
            <td>
              <span className={styles.field}>{fieldName(match.child)}</span>
              <span className={styles.value}>{match.value}</span>
            </td>
            <td>
              <span className={styles.field}>{fieldName(match.parent)}</span>
              <span className={styles.valueLine}>
                <span className={styles.value}>{match.value}</span>
                <CopyButton text={match.value} what="value" className={styles.copy} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
