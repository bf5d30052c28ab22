import styles from './graph-legend.module.css';

const LINES = [
  { text: 'exact', hint: 'equality of a value that is unique', colour: 'var(--text-3)', dash: undefined },
  { text: 'weak', hint: 'a value that others may share', colour: 'var(--warn)', dash: '6 4' },
  { text: 'inferred', hint: 'reasoned, with a probability', colour: 'var(--inferred)', dash: '0.1 4' },
];
const QUEUE = { text: 'message', hint: 'through a queue; nobody waited', colour: 'var(--hue-teal)', dash: '3 4' };
const GONE = { text: 'gone', hint: 'taken away in the rule lab', colour: 'var(--danger)', dash: '2 5' };

interface GraphLegendProps {
  readonly queue: boolean;
  readonly gone: boolean;
}

/** How to read the lines. */
export function GraphLegend({ queue, gone }: GraphLegendProps) {
  return (
    <ul className={styles.legend} aria-label="Strength of an edge">
      {[...LINES, ...(queue ? [QUEUE] : []), ...(gone ? [GONE] : [])].map((line) => (
        <li key={line.text} className={styles.entry} title={line.hint}>
          <svg width="26" height="4" aria-hidden="true">
            <line
              x1="1"
              x2="25"
              y1="2"
              y2="2"
              stroke={line.colour}
              strokeWidth="2"
              strokeLinecap="round"
              strokeDasharray={line.dash}
            />
          </svg>
          {line.text}
        </li>
      ))}
    </ul>
  );
}
