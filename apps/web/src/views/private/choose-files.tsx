import { FileLock2, FileQuestionMark } from 'lucide-react';
import type { ApiError } from '../../api/contract';
import { Notice } from '../../ui/notice';
import { AppHeader } from '../shell/app-header';
import styles from './choose-files.module.css';
import { OpenPrivately } from './open-privately';
import { PRIVATE_MEANS } from './private-words';

interface ChooseFilesProps {
  /** The address names files that this tab does not have, or no more. */
  readonly again: boolean;
  readonly problem: ApiError['error'] | undefined;
}

/** Where files are chosen: before any is open, and after the tab was loaded anew. */
export function ChooseFiles({ again, problem }: ChooseFilesProps) {
  const Icon = again ? FileQuestionMark : FileLock2;
  return (
    <div className={styles.page}>
      <AppHeader crumbs={[{ text: again ? 'Choose the file again' : 'Open privately' }]} />
      <main className={styles.main} data-testid={again ? 'private-again' : 'private-door'}>
        <Icon size={28} className={styles.icon} aria-hidden="true" />
        <h1 className={styles.title}>{again ? 'This tab does not have the file' : 'Open a capture privately'}</h1>
        <p className={styles.text}>
          {again
            ? 'What is opened privately stays in the tab that opened it, until that is closed or loaded anew, and the server never had it. Choose the same file again, or all of them if there were several, and this address shows what it showed before.'
            : PRIVATE_MEANS}
        </p>
        {problem !== undefined && (
          <Notice tone="danger" title="It could not be opened">
            {problem.message}
          </Notice>
        )}
        <OpenPrivately kind="primary" testId="private-choose" text={again ? 'Choose the file…' : 'Choose files…'} />
        <p className={styles.hint}>
          Or drop it anywhere here: <code>.causeway.msgpack</code>, <code>.pcap</code>, <code>.pcapng</code> or spans in
          OTLP. Several files, such as those of several hosts, are read together.
        </p>
      </main>
    </div>
  );
}
