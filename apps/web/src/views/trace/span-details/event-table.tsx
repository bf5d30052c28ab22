import type { RawEvent } from '../../../api/contract';
import { formatDuration } from '../../format/duration';
import { formatBytes } from '../../format/quantity';
import styles from './event-table.module.css';

interface EventTableProps {
  readonly events: readonly RawEvent[];
  readonly spanStart: number;
  readonly chosen: number | null;
  readonly onChoose: (ordinal: number) => void;
}

/** System calls as the kernel reported them; choosing one shows only its bytes. */
export function EventTable({ events, spanStart, chosen, onChoose }: EventTableProps) {
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>Call</th>
            <th>Enter</th>
            <th>Took</th>
            <th>Moved</th>
            <th>TCP seq</th>
            <th>fd</th>
            <th>Thread</th>
            <th>RTT</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.ordinal} aria-selected={event.ordinal === chosen} data-testid="raw-event">
              <td>
                <button
                  type="button"
                  className={styles.call}
                  aria-pressed={event.ordinal === chosen}
                  title={`Event ${event.ordinal}: show only its bytes`}
                  onClick={() => onChoose(event.ordinal)}
                >
                  {event.syscall}
                  <span aria-hidden="true">{event.direction === 'ingress' ? ' ↙' : ' ↗'}</span>
                  <span className="visually-hidden">{event.direction}</span>
                </button>
              </td>
              <td>{signed(event.enter - spanStart)}</td>
              <td>{formatDuration(event.exit - event.enter)}</td>
              <td>{event.result < 0 ? `error ${-event.result}` : formatBytes(event.result)}</td>
              <td>{sequences(event)}</td>
              <td>{event.fd}</td>
              <td title={`${event.comm}, process ${event.pid}`}>{event.tid}</td>
              <td>{event.rttMicros === undefined ? '–' : `${event.rttMicros} µs`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function signed(ns: number): string {
  return ns < 0 ? formatDuration(ns) : `+${formatDuration(ns)}`;
}

function sequences(event: RawEvent): string {
  if (event.tcpSeqEnter === undefined) return '–';
  return event.tcpSeqExit === undefined ? String(event.tcpSeqEnter) : `${event.tcpSeqEnter} → ${event.tcpSeqExit}`;
}
