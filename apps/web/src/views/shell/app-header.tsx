'use client';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { ThemeToggle } from '../../ui/theme-toggle';
import { PRIVATE_PAGE } from '../data/place';
import { PrivateBar } from '../private/private-bar';
import styles from './app-header.module.css';
import { AppLink } from './app-link';
import { Mark } from './mark';

interface AppHeaderProps {
  /** From the list of captures downwards; the last is where one is. */
  readonly crumbs?: readonly { readonly text: string; readonly href?: string }[];
  readonly actions?: ReactNode;
}

export function AppHeader({ crumbs = [], actions }: AppHeaderProps) {
  const isPrivate = usePathname() === PRIVATE_PAGE;
  return (
    <header className={styles.header}>
      <nav className={styles.crumbs} aria-label="Where you are">
        <Link href="/" className={styles.home} {...(isPrivate && { prefetch: false })}>
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
              <AppLink href={crumb.href} className={styles.link}>
                {crumb.text}
              </AppLink>
            )}
          </span>
        ))}
      </nav>
      <div className={styles.actions}>
        {actions}
        {isPrivate && <PrivateBar />}
        <ThemeToggle />
      </div>
    </header>
  );
}
