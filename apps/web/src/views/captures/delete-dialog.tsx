import type { CaptureSummary } from '../../api/contract';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Notice } from '../../ui/notice';
import { useDeleteCapture } from '../data/queries';
import { formatBytes, formatPlural } from '../format/quantity';

interface DeleteDialogProps {
  /** Null = closed. */
  readonly capture: CaptureSummary | null;
  readonly onClose: () => void;
}

export function DeleteDialog({ capture, onClose }: DeleteDialogProps) {
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
