import styles from './kbd.module.css';

/** One key, or several of a chord separated by spaces. */
export function Kbd({ children }: { readonly children: string }) {
  return (
    <span className={styles.keys}>
      {children.split(' ').map((key) => (
        <kbd key={key} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
