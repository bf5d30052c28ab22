import { CircleAlert, CircleCheck, Clock, TriangleAlert, Unplug } from 'lucide-react';
import type { CaptureSummary } from '../../api/contract';
import { ProgressBar } from '../../ui/progress-bar';
import styles from './capture-state.module.css';

/** What is happening to a capture, in a mark and words. */
export function CaptureStateMark({ capture }: { readonly capture: CaptureSummary }) {
  switch (capture.state) {
    case 'receiving':
      return capture.connected ? (
        <span className={styles.state} data-testid="capture-state">
          <span className={styles.pulse} aria-hidden="true" />
          Live
        </span>
      ) : (
        <span className={styles.state} title="The agent is not connected; it goes on from here when it is back">
          <Unplug size={14} color="var(--warn)" />
          Agent away
        </span>
      );
    case 'queued':
      return (
        <span className={styles.state} data-testid="capture-state">
          <Clock size={14} color="var(--text-3)" />
          Queued
        </span>
      );
    case 'ingesting':
      return (
        <span className={styles.reading} data-testid="capture-state">
          <span>Reading {Math.floor(capture.progress * 100)} %</span>
          <ProgressBar label="Read so far" value={capture.progress} />
        </span>
      );
    case 'ready':
      return capture.problem === undefined ? (
        <span className={styles.state} data-testid="capture-state">
          <CircleCheck size={14} color="var(--ok)" />
          Ready
        </span>
      ) : (
        <span className={styles.state} title={capture.problem} data-testid="capture-state">
          <TriangleAlert size={14} color="var(--warn)" />
          Partly read
        </span>
      );
    case 'failed':
      return (
        <span className={styles.state} title={capture.problem} data-testid="capture-state">
          <CircleAlert size={14} color="var(--danger)" />
          Failed
        </span>
      );
  }
}
