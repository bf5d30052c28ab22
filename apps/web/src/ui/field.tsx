import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx';
import styles from './field.module.css';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly suffix?: ReactNode;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** A one-line text box; its label is for screen readers, the placeholder for eyes. */
export function Field({ label, icon, suffix, inputRef, className, ...rest }: FieldProps) {
  return (
    <label className={cx(styles.field, className)}>
      <span className="visually-hidden">{label}</span>
      {icon}
      <input ref={inputRef} className={styles.input} {...rest} />
      {suffix !== undefined && <span className={styles.suffix}>{suffix}</span>}
    </label>
  );
}
