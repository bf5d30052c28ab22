import { EyeOff } from 'lucide-react';
import type { CaptureDetail } from '../../api/contract';
import { Notice } from '../../ui/notice';
import { Tooltip } from '../../ui/tooltip';
import styles from './coverage-strip.module.css';
import { gapsOf, hasSevereGaps } from './coverage-words';

/** What the capture did not see, above everything drawn from it. */
export function CoverageStrip({ capture }: { readonly capture: CaptureDetail }) {
  if (capture.state === 'failed') {
    return (
      <div className={styles.notice}>
        <Notice tone="danger" title="This capture could not be read">
          {capture.problem}
        </Notice>
      </div>
    );
  }
  if (!hasSevereGaps(capture)) return null;
  const gaps = capture.coverage ? gapsOf(capture.coverage) : [];
  return (
    <section className={styles.strip} aria-label="What was not seen" data-testid="coverage-strip">
      <span className={styles.lead}>
        <EyeOff size={14} /> Not seen
      </span>
      {gaps.map((gap) => (
        <Tooltip key={gap.name} text={gap.meaning}>
          <button type="button" className={styles.gap}>
            <b>{gap.amount}</b> {gap.name.toLowerCase()}
          </button>
        </Tooltip>
      ))}
      {capture.damage.length > 0 && (
        <Tooltip text={capture.damage.join(' ')}>
          <button type="button" className={styles.gap}>
            <b>{capture.damage.length}</b> damaged {capture.damage.length === 1 ? 'part' : 'parts'} of the file
          </button>
        </Tooltip>
      )}
    </section>
  );
}
