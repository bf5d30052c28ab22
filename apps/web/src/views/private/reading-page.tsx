import { FileLock2 } from 'lucide-react';
import type { Progress } from '../../private/messages';
import { Button } from '../../ui/button';
import { ProgressBar } from '../../ui/progress-bar';
import { formatPlural } from '../format/quantity';
import { AppHeader } from '../shell/app-header';
import styles from './choose-files.module.css';
import { closePrivate, type PrivateSession } from './private-session';
import { PRIVATE_MEANS } from './private-words';

const NOTHING: Progress = { doing: 'reading', share: 0, spans: 0 };

/** While files are read. */
export function ReadingPage({ session: { opened, looking } }: { readonly session: PrivateSession }) {
  const { doing, share, spans } = (!looking && opened?.progress) || NOTHING;
  return (
    <div className={styles.page}>
      <AppHeader crumbs={[{ text: 'Reading' }]} />
      <main className={styles.main} data-testid="private-reading">
        <FileLock2 size={28} className={styles.icon} aria-hidden="true" />
        <h1 className={styles.title}>{titleOf(looking, opened?.files ?? [])}</h1>
        <p className={styles.text}>{PRIVATE_MEANS}</p>
        <div className={styles.bar}>
          <ProgressBar label="Read so far" value={share} />
        </div>
        <p className={styles.progress} aria-live="polite">
          {doing === 'reading'
            ? `${Math.floor(share * 100)} % · ${formatPlural(spans, 'span')} so far`
            : `${Math.floor(share * 100)} % · assembling traces of ${formatPlural(spans, 'span')} …`}
        </p>
        <Button onClick={closePrivate} data-testid="private-cancel">
          Cancel
        </Button>
      </main>
    </div>
  );
}

function titleOf(looking: boolean, files: readonly File[]): string {
  if (looking) return 'Looking at what was chosen …';
  return files.length === 1 ? `Reading ${files[0]!.name}` : `Reading ${formatPlural(files.length, 'file')} together`;
}
