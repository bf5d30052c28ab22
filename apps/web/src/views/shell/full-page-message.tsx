import Link from 'next/link';
import { Button } from '../../ui/button';
import { AppHeader } from './app-header';
import styles from './full-page-message.module.css';

interface FullPageMessageProps {
  readonly title: string;
  readonly text: string;
  readonly retry?: () => void;
}

/** Where there is nothing else to show. */
export function FullPageMessage({ title, text, retry }: FullPageMessageProps) {
  return (
    <div className={styles.page}>
      <AppHeader />
      <main className={styles.main} role="alert" data-testid="page-message">
        <h1 className={styles.title}>{title}</h1>
        <p className={styles.text}>{text}</p>
        <div className={styles.actions}>
          {retry !== undefined && <Button onClick={retry}>Try again</Button>}
          <Link href="/" className={styles.link}>
            All captures
          </Link>
        </div>
      </main>
    </div>
  );
}
