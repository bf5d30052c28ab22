import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { WorkspaceSummary } from '../../api/contract';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Menu, MenuItem } from '../../ui/menu';
import { Notice } from '../../ui/notice';
import dialogStyles from '../captures/capture-dialogs.module.css';
import { placeHref } from '../data/place';
import { isAssembling, useDeleteWorkspace, useRenameWorkspace, useWorkspaces } from '../data/workspace-queries';
import { formatPlural } from '../format/quantity';
import styles from './workspace-list.module.css';

/** Captures that were opened together before; nothing when there are none. */
export function WorkspaceList() {
  const workspaces = useWorkspaces();
  const remove = useDeleteWorkspace();
  const [renaming, setRenaming] = useState<WorkspaceSummary | null>(null);
  if (workspaces.data === undefined || workspaces.data.length === 0) return null;
  return (
    <section className={styles.frame} aria-label="Workspaces">
      {remove.error && <Notice tone="danger">{remove.error.message}</Notice>}
      <ul>
        {workspaces.data.map((workspace) => (
          <li key={workspace.id} className={styles.row} data-testid="workspace-row">
            <div className={styles.names}>
              <Link href={placeHref({ kind: 'workspaces', id: workspace.id })} className={styles.name}>
                {workspace.name}
              </Link>
              <p className={styles.quiet}>{workspace.captures.map(({ name }) => name).join(' + ')}</p>
            </div>
            <span className={styles.quiet} title={workspace.problem}>
              {stateOf(workspace)}
            </span>
            <Menu
              trigger={
                <IconButton label={`Actions for ${workspace.name}`}>
                  <Ellipsis size={16} />
                </IconButton>
              }
            >
              <MenuItem onSelect={() => setRenaming(workspace)}>Rename…</MenuItem>
              <MenuItem danger onSelect={() => remove.mutate(workspace.id)}>
                Delete; its captures stay
              </MenuItem>
            </Menu>
          </li>
        ))}
      </ul>
      <Dialog open={renaming !== null} onOpenChange={(open) => !open && setRenaming(null)} title="Rename workspace">
        {renaming && <RenameForm key={renaming.id} workspace={renaming} onClose={() => setRenaming(null)} />}
      </Dialog>
    </section>
  );
}

function stateOf({ state, traceCount }: WorkspaceSummary): string {
  if (state === 'failed') return 'Could not be assembled';
  return isAssembling(state) && traceCount === 0 ? 'Assembling …' : formatPlural(traceCount, 'trace');
}

function RenameForm({ workspace, onClose }: { readonly workspace: WorkspaceSummary; readonly onClose: () => void }) {
  const [name, setName] = useState(workspace.name);
  const rename = useRenameWorkspace();
  return (
    <form
      className={dialogStyles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') rename.mutate({ id: workspace.id, name: name.trim() }, { onSuccess: onClose });
      }}
    >
      <Field label="Name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      {rename.error && <Notice tone="danger">{rename.error.message}</Notice>}
      <div className={dialogStyles.actions}>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={name.trim() === '' || rename.isPending}>
          Rename
        </Button>
      </div>
    </form>
  );
}
