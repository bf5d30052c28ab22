import { useRouter } from 'next/navigation';
import type { CaptureSummary } from '../../api/contract';
import { Button } from '../../ui/button';
import { placeHref } from '../data/place';
import { useCreateWorkspace } from '../data/workspace-queries';
import { formatPlural } from '../format/quantity';
import styles from './open-together.module.css';

/** As the server has it. */
const LONGEST_NAME = 200;

interface OpenTogetherProps {
  readonly chosen: readonly CaptureSummary[];
  readonly onClear: () => void;
}

/** What can be done with the captures that were chosen. */
export function OpenTogether({ chosen, onClear }: OpenTogetherProps) {
  const router = useRouter();
  const create = useCreateWorkspace();
  if (chosen.length === 0) return null;
  const open = () =>
    create.mutate(
      {
        name: chosen
          .map(({ name }) => name)
          .join(' + ')
          .slice(0, LONGEST_NAME),
        captures: chosen.map(({ id }) => id),
      },
      { onSuccess: ({ id }) => router.push(placeHref({ kind: 'workspaces', id })) },
    );
  return (
    <div className={styles.bar} role="toolbar" aria-label="Chosen captures">
      <span>{formatPlural(chosen.length, 'capture')} chosen</span>
      <Button kind="primary" disabled={chosen.length < 2 || create.isPending} onClick={open}>
        Open together
      </Button>
      <Button kind="quiet" onClick={onClear}>
        Clear
      </Button>
      {create.error && <span role="alert">{create.error.message}</span>}
    </div>
  );
}
