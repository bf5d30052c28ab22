import { useState } from 'react';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Notice } from '../../ui/notice';
import styles from './rename-dialog.module.css';

/** What has a name that can be changed. */
interface Named {
  readonly id: string;
  readonly name: string;
}

/** Changes a name on the server, as React Query's mutations do. */
interface Rename {
  mutate(change: Named, options: { readonly onSuccess: () => void }): void;
  readonly error: Error | null;
  readonly isPending: boolean;
  reset(): void;
}

interface RenameDialogProps {
  readonly title: string;
  /** Null = closed. */
  readonly subject: Named | null;
  readonly rename: Rename;
  readonly onClose: () => void;
}

export function RenameDialog({ title, subject, rename, onClose }: RenameDialogProps) {
  const close = () => {
    rename.reset();
    onClose();
  };
  return (
    <Dialog open={subject !== null} onOpenChange={(open) => !open && close()} title={title}>
      {subject && <RenameForm key={subject.id} subject={subject} rename={rename} onClose={close} />}
    </Dialog>
  );
}

interface RenameFormProps extends Pick<RenameDialogProps, 'rename' | 'onClose'> {
  readonly subject: Named;
}

function RenameForm({ subject: { id, name: before }, rename, onClose }: RenameFormProps) {
  const [name, setName] = useState(before);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') rename.mutate({ id, name: name.trim() }, { onSuccess: onClose });
      }}
    >
      <Field label="Name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      {rename.error && <Notice tone="danger">{rename.error.message}</Notice>}
      <div className={styles.actions}>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={name.trim() === '' || rename.isPending}>
          Rename
        </Button>
      </div>
    </form>
  );
}
