import type { MissingEdge } from '@causeway/core';
import { CircleCheck, CircleHelp } from 'lucide-react';
import { cx } from '../../../ui/cx';
import styles from './missing-note.module.css';
import { missingVerdict, signSentence } from './missing-words';

/** Whether loss could be why something is missing, and what speaks for it. */
export function MissingNote({ edge }: { readonly edge: MissingEdge }) {
  const Icon = edge.lossPossible ? CircleHelp : CircleCheck;
  return (
    <div
      className={cx(styles.note, edge.lossPossible && styles.doubt)}
      data-testid="missing-note"
      data-what={edge.what}
      data-loss={edge.lossPossible}
    >
      <Icon size={14} />
      <div>
        <p>{missingVerdict(edge)}</p>
        {edge.signs.length > 0 && (
          <ul className={styles.signs}>
            {edge.signs.map((sign) => (
              <li key={sign.kind}>{signSentence(sign)}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
