import type { TraceModel } from '../trace-model';
import styles from './clock-line.module.css';
import { clockSentence } from './clock-words';

interface ClockLineProps {
  readonly model: TraceModel;
  readonly corrected: boolean;
  readonly onCorrected: (corrected: boolean) => void;
}

/** How far the clocks of the trace's hosts are apart, and whether the timeline is drawn with that taken out. */
export function ClockLine({ model, corrected, onCorrected }: ClockLineProps) {
  const { clocks, hostNames } = model.view;
  if (clocks.length === 0) return null;
  return (
    <div className={styles.line} data-testid="clock-line">
      <label className={styles.switch}>
        <input type="checkbox" checked={corrected} onChange={(event) => onCorrected(event.target.checked)} />
        Correct the hosts’ clocks
      </label>
      <span className={styles.text} title="The times told of each span stay as they were recorded">
        Clock of {clocks.map((clock) => clockSentence(clock, hostNames)).join(' · ')}
      </span>
    </div>
  );
}
