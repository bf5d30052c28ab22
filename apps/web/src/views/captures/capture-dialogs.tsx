import { useState } from 'react';
import type { CaptureSummary } from '../../api/contract';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { useDeleteCapture, useRenameCapture } from '../data/queries';
import { formatBytes, formatPlural } from '../format/quantity';
import styles from './capture-dialogs.module.css';

interface CaptureDialogProps {
  /** Null = closed. */
  readonly capture: CaptureSummary | null;
  readonly onClose: () => void;
}

export function RenameDialog({ capture, onClose }: CaptureDialogProps) {
  return (
    <Dialog open={capture !== null} onOpenChange={(open) => !open && onClose()} title="Rename capture">
      {capture && <RenameForm key={capture.id} capture={capture} onClose={onClose} />}
    </Dialog>
  );
}

function RenameForm({ capture, onClose }: { readonly capture: CaptureSummary; readonly onClose: () => void }) {
  const [name, setName] = useState(capture.name);
  const rename = useRenameCapture();
  const submit = () => rename.mutate({ id: capture.id, name: name.trim() }, { onSuccess: onClose });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') submit();
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

export function DeleteDialog({ capture, onClose }: CaptureDialogProps) {
  const remove = useDeleteCapture();
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <Dialog
      open={capture !== null}
      onOpenChange={(open) => !open && close()}
      title="Delete this capture?"
      description={
        capture &&
        `“${capture.name}” with ${formatPlural(capture.traceCount, 'trace')} and its file of ${formatBytes(capture.sizeBytes)} will be gone from this server. This cannot be undone.`
      }
      actions={
        <>
          <Button onClick={close}>Keep</Button>
          <Button
            kind="danger"
            disabled={remove.isPending}
            onClick={() => capture && remove.mutate(capture.id, { onSuccess: close })}
          >
            Delete
          </Button>
        </>
      }
    >
      {remove.error && <Notice tone="danger">{remove.error.message}</Notice>}
    </Dialog>
  );
}
