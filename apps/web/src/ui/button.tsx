import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './button.module.css';
import { cx } from './cx';
import { Tooltip } from './tooltip';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: ReactNode;
}

export function Button({ kind = 'plain', icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={cx(styles.button, styles[kind], className)} {...rest}>
      {icon}
      {children !== undefined && <span className={styles.label}>{children}</span>}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Names the button for a screen reader and in its tooltip. */
  readonly label: string;
  readonly keys?: string;
  readonly pressed?: boolean;
}

/** A square button with only an icon; its name is shown on hover and focus. */
export function IconButton({ label, keys, pressed, className, children, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        className={cx(styles.icon, pressed && styles.pressed, className)}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  );
}
