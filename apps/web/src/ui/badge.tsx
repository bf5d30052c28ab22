import type { ReactNode } from 'react';
import styles from './badge.module.css';
import { cx } from './cx';

interface BadgeProps {
  readonly tone?: 'neutral' | 'accent' | 'ok' | 'warn' | 'danger' | 'inferred';
  readonly children: ReactNode;
}

export function Badge({ tone = 'neutral', children }: BadgeProps) {
  return <span className={cx(styles.badge, styles[tone])}>{children}</span>;
}
