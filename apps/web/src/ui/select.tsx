import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import styles from './select.module.css';

interface SelectProps {
  readonly label: string;
  readonly value: string | null;
  /** Shown for no choice, e.g. "All services"; choosing it gives null. */
  readonly all: string;
  readonly options: readonly { readonly value: string; readonly text: ReactNode }[];
  readonly onChange: (value: string | null) => void;
}

/** Radix refuses the empty string as a value, so "no choice" needs a word of its own. */
const ALL = '\u0000all';

export function Select({ label, value, all, options, onChange }: SelectProps) {
  return (
    <Radix.Root value={value ?? ALL} onValueChange={(next) => onChange(next === ALL ? null : next)}>
      <Radix.Trigger aria-label={label} className={cx(styles.trigger, value !== null && styles.chosen)}>
        <Radix.Value />
        <Radix.Icon>
          <ChevronDown size={14} />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.content} position="popper" sideOffset={4} collisionPadding={8}>
          <Radix.Viewport>
            <SelectItem value={ALL}>{all}</SelectItem>
            {options.map((option) => (
              <SelectItem key={option.value} value={option.value}>
                {option.text}
              </SelectItem>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function SelectItem({ value, children }: { readonly value: string; readonly children: ReactNode }) {
  return (
    <Radix.Item className={styles.item} value={value}>
      <Radix.ItemText>{children}</Radix.ItemText>
      <Radix.ItemIndicator className={styles.indicator}>
        <Check size={14} />
      </Radix.ItemIndicator>
    </Radix.Item>
  );
}
