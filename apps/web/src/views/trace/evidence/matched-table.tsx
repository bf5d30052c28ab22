import type { RuleEvidence } from '@causeway/core';
import { CopyButton } from '../../../ui/copy-button';
import { fieldName } from './condition-words';
import styles from './evidence-panel.module.css';

interface MatchedTableProps {
  readonly evidence: RuleEvidence;
  /** Whose values stand on the left and on the right. */
  readonly sides: readonly [string, string];
}

/** Values that were found equal, side by side. */
export function MatchedTable({ evidence, sides: [left, right] }: MatchedTableProps) {
  return (
    <table className={styles.matched}>
      <thead>
        <tr>
          <th>{left}</th>
          <th>{right}</th>
        </tr>
      </thead>
      <tbody>
        {evidence.matched.map((match) => (
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
