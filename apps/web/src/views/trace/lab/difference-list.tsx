import type { AssemblyDifference, ParentLink, SpanId, SpanLink } from '@causeway/core';
import { serviceOf } from '../../../api/span-facts';
import { cx } from '../../../ui/cx';
import { requestOf, type SpanNode, type TraceModel } from '../trace-model';
import styles from './difference-list.module.css';
import { type Change, type ChangedEdge, changedEdges } from './difference-words';

/** Edges listed; the sentence above counts them all. */
const SHOWN = 60;
const SIGNS: Readonly<Record<Change, string>> = { lost: '−', gained: '+', moved: '⤳', relabelled: '≈' };

interface DifferenceListProps {
  readonly difference: AssemblyDifference;
  readonly before: TraceModel;
  readonly after: TraceModel;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
}

/** Each edge that came, went or moved; a click leads to its child. */
export function DifferenceList({ difference, before, after, onSpan, onEvidence }: DifferenceListProps) {
  const nameOf = (id: SpanId) => {
    const span = after.byId.get(id)?.span ?? before.byId.get(id)?.span ?? after.outside.get(id);
    return span === undefined ? id : `${serviceOf(span)} ${requestOf(span)}`;
  };
  const edges = changedEdges(difference);
  return (
    <ul className={styles.list} data-testid="lab-changes">
      {edges.slice(0, SHOWN).map((edge) => {
        const node = after.byId.get(edge.child);
        const open = () => node && (node.link === undefined ? onSpan(node) : onEvidence(node));
        return (
          <li key={`${edge.change} ${edge.key}`}>
            <button type="button" className={styles.edge} disabled={node === undefined} onClick={open}>
              <span className={cx(styles.sign, styles[edge.change])} title={edge.change}>
                {SIGNS[edge.change]}
              </span>
              <span className={styles.child}>{nameOf(edge.child)}</span>
              <span className={styles.how}>{wordsOf(edge, nameOf)}</span>
            </button>
          </li>
        );
      })}
      {edges.length > SHOWN && <li className={styles.more}>{edges.length - SHOWN} more</li>}
    </ul>
  );
}

function wordsOf({ change, before, after }: ChangedEdge, nameOf: (id: SpanId) => string): string {
  if (change === 'relabelled') return `by ${after!.rule} instead of ${before!.rule}`;
  const then = before && `under ${nameOf(causeOf(before))} by ${before.rule}`;
  const now = after && `under ${nameOf(causeOf(after))} by ${after.rule}`;
  if (then !== undefined && now !== undefined) return `now ${now}, before ${then}`;
  return then === undefined ? `now ${now}` : `was ${then}`;
}

function causeOf(link: ParentLink | SpanLink): SpanId {
  return link.evidence.parent;
}
