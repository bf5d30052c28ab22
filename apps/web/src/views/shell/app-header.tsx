import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ThemeToggle } from '../../ui/theme-toggle';
import styles from './app-header.module.css';
import { Mark } from './mark';

interface AppHeaderProps {
  /** From the list of captures downwards; the last is where one is. */
  readonly crumbs?: readonly { readonly text: string; readonly href?: string }[];
  readonly actions?: ReactNode;
}

export function AppHeader({ crumbs = [], actions }: AppHeaderProps) {
  return (
    <header className={styles.header}>
      <nav className={styles.crumbs} aria-label="Where you are">
        <Link href="/" className={styles.home}>
          <Mark />
          <span className={styles.product}>Causeway</span>
        </Link>
        {crumbs.map((crumb) => (
          <span key={crumb.href ?? 'here'} className={styles.crumb}>
            <ChevronRight size={14} className={styles.separator} aria-hidden="true" />
            {crumb.href === undefined ? (
              <span className={styles.here} aria-current="page">
                {crumb.text}
              </span>
            ) : (
              <Link href={crumb.href} className={styles.link}>
                {crumb.text}
              </Link>
            )}
          </span>
        ))}
      </nav>
      <div className={styles.actions}>
        {actions}
        <ThemeToggle />
      </div>
    </header>
  );
}
