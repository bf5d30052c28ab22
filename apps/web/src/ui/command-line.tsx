import styles from './command-line.module.css';
import { CopyButton } from './copy-button';

/** A shell command that can be copied. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <div className={styles.line}>
      <code className={styles.command}>
        <span className={styles.prompt} aria-hidden="true">
          ${' '}
        </span>
        {command}
      </code>
      <CopyButton text={command} what="command" />
    </div>
  );
}
