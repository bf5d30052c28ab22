import { CircleAlert, CircleCheck, RotateCw, X } from 'lucide-react';
import Link from 'next/link';
import { Button, IconButton } from '../../ui/button';
import { ProgressBar } from '../../ui/progress-bar';
import { formatBytes } from '../format/quantity';
import styles from './upload-tray.module.css';
import { type UploadItem, useUploads } from './uploads-context';

/** Uploads under way and just ended, in the corner of every page. */
export function UploadTray() {
  const { items } = useUploads();
  if (items.length === 0) return null;
  return (
    <section className={styles.tray} aria-label="Uploads" aria-live="polite">
      {items.map((item) => (
        <UploadCard key={item.key} item={item} />
      ))}
    </section>
  );
}

function UploadCard({ item }: { readonly item: UploadItem }) {
  const { remove, resume } = useUploads();
  const failed = item.state === 'failed';
  const done = item.state === 'done';
  const mayResume = failed && (item.code === 'unreachable' || item.code === 'unexpected');
  return (
    <article className={styles.card} data-testid="upload" data-state={item.state} role={failed ? 'alert' : undefined}>
      <header className={styles.head}>
        {failed && <CircleAlert size={16} color="var(--danger)" />}
        {done && <CircleCheck size={16} color="var(--ok)" />}
        <span className={styles.name} title={item.name}>
          {item.name}
        </span>
        <IconButton label={failed || done ? 'Dismiss' : 'Cancel upload'} onClick={() => remove(item.key)}>
          <X size={14} />
        </IconButton>
      </header>
      {!failed && !done && <ProgressBar label={`Upload of ${item.name}`} value={item.sentBytes / item.sizeBytes} />}
      <div className={styles.foot}>
        <p className={styles.facts}>{factsOf(item)}</p>
        {mayResume && (
          <Button icon={<RotateCw size={13} />} onClick={() => resume(item.key)}>
            Resume
          </Button>
        )}
        {done && item.capture && (
          <Link className={styles.open} href={`/captures/${item.capture.id}`} onClick={() => remove(item.key)}>
            View traces
          </Link>
        )}
      </div>
    </article>
  );
}

function factsOf(item: UploadItem): string {
  if (item.state === 'failed') return item.reason ?? 'The upload failed.';
  if (item.state === 'waiting') return `Connection lost; trying again. ${item.reason ?? ''}`;
  if (item.state === 'done') return `${formatBytes(item.sizeBytes)} received, every byte counted`;
  const speed = item.bytesPerSecond > 0 ? ` · ${formatBytes(Math.round(item.bytesPerSecond))}/s` : '';
  return `${formatBytes(item.sentBytes)} of ${formatBytes(item.sizeBytes)}${speed}`;
}
