import { Dialog } from '../../ui/dialog';
import { Kbd } from '../../ui/kbd';
import styles from './help-dialog.module.css';

const GROUPS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'Move',
    [
      ['↑ ↓', 'graph: to the parent, to the first child; timeline: row by row'],
      ['← →', 'graph: between siblings; timeline: to the parent, to the first child'],
      ['. ,', 'next, previous span with an error (also n, p)'],
    ],
  ],
  [
    'Look',
    [
      ['Enter', 'details of the selected span'],
      ['e', 'why the selected span hangs where it hangs'],
      ['/', 'search in this trace'],
      ['Esc', 'let go of the selection'],
    ],
  ],
  [
    'View',
    [
      ['g t', 'causality graph, timeline'],
      ['f', 'fit everything'],
      ['l', 'rule lab: try other rules and tolerances'],
      ['w s', 'timeline: zoom in, out (also Ctrl and wheel)'],
      ['a d', 'timeline: earlier, later (also Shift and wheel)'],
      ['?', 'this list'],
    ],
  ],
];

interface HelpDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function HelpDialog({ open, onOpenChange }: HelpDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard">
      {GROUPS.map(([title, keys]) => (
        <section key={title} className={styles.group}>
          <h3 className={styles.title}>{title}</h3>
          <dl>
            {keys.map(([key, meaning]) => (
              <div key={key} className={styles.line}>
                <dt>
                  <Kbd>{key}</Kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
