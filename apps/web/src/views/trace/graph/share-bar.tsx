import type { TraceModel } from '../trace-model';
import styles from './share-bar.module.css';

interface ShareBarProps {
  readonly from: number;
  readonly to: number;
  readonly model: TraceModel;
}

/** Where in the trace's time something lies. */
export function ShareBar({ from, to, model }: ShareBarProps) {
  const whole = Math.max(1, model.view.end - model.view.start);
  const left = ((from - model.view.start) / whole) * 100;
  const width = Math.max(2, ((to - from) / whole) * 100);
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={styles.bar} style={{ left: `${Math.min(left, 98)}%`, width: `${width}%` }} />
    </span>
  );
}
