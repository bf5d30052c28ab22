'use client';
import { useState } from 'react';
import { Notice } from '../../ui/notice';
import { Skeleton } from '../../ui/skeleton';
import { placeHref } from '../data/place';
import { useCaptures, useStatus } from '../data/queries';
import { formatPlural } from '../format/quantity';
import { OpenPrivately } from '../private/open-privately';
import { usePrivateSession } from '../private/private-session';
import { AppHeader } from '../shell/app-header';
import { AppLink } from '../shell/app-link';
import { UploadButton } from '../uploads/upload-button';
import { OpenTogether } from '../workspaces/open-together';
import { WorkspaceList } from '../workspaces/workspace-list';
import styles from './captures-page.module.css';
import { CapturesTable } from './captures-table';
import { GettingStarted } from './getting-started';

export function CapturesPage() {
  const captures = useCaptures();
  const status = useStatus();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const onChoose = (id: string) =>
    setChosen((now) => new Set(now.has(id) ? [...now].filter((one) => one !== id) : [...now, id]));
  const { opened } = usePrivateSession();
  const recording = status.data?.recording;
  return (
    <div className={styles.page}>
      <AppHeader
        actions={
          <>
            <OpenPrivately />
            <UploadButton />
          </>
        }
      />
      <main className={styles.main}>
        <div className={styles.column}>
          <div className={styles.head}>
            <h1 className={styles.title}>Captures</h1>
            {captures.data && captures.data.length > 0 && (
              <span className={styles.count}>{formatPlural(captures.data.length, 'capture')}</span>
            )}
          </div>
          {captures.error && (
            <Notice tone="danger" title="The captures could not be listed">
              {captures.error.message}
            </Notice>
          )}
          {recording?.possible === false && (
            <Notice tone="info" title="This host cannot record; opening captures works as ever">
              {recording.reason}
            </Notice>
          )}
          {opened && (
            <Notice
              tone="info"
              title={`${formatPlural(opened.files.length, 'file')} open privately in this tab`}
              action={
                <AppLink className={styles.back} href={placeHref({ ...opened.place, isPrivate: true })}>
                  Go back to it
                </AppLink>
              }
            />
          )}
          {captures.isPending && <Skeleton rows={6} height={28} />}
          <WorkspaceList />
          <OpenTogether
            chosen={captures.data?.filter(({ id }) => chosen.has(id)) ?? []}
            onClear={() => setChosen(new Set())}
          />
          {captures.data && captures.data.length > 0 && (
            <CapturesTable captures={captures.data} chosen={chosen} onChoose={onChoose} />
          )}
          {captures.data && <GettingStarted first={captures.data.length === 0} />}
          {status.data && (
            <p className={styles.version}>
              Causeway {status.data.version} · {status.data.database === 'embedded' ? 'embedded' : 'external'}{' '}
              PostgreSQL
            </p>
          )}
        </div>
      </main>
    </div>
  );
}
