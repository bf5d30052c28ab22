import styles from './skeleton.module.css';

/** Grey rows in the place of what is on its way. */
export function Skeleton({ rows, height = 20 }: { readonly rows: number; readonly height?: number }) {
  return (
    <div className={styles.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a placeholder have no other name
        <div key={row} className={styles.row} style={{ height, width: `${96 - ((row * 37) % 40)}%` }} />
      ))}
    </div>
  );
}
