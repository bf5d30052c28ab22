import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { WorkspaceSummary } from '../../api/contract';
import { IconButton } from '../../ui/button';
import { Menu, MenuItem } from '../../ui/menu';
import { Notice } from '../../ui/notice';
import { placeHref } from '../data/place';
import { isAssembling, useDeleteWorkspace, useRenameWorkspace, useWorkspaces } from '../data/workspace-queries';
import { formatPlural } from '../format/quantity';
import { RenameDialog } from '../shell/rename-dialog';
import styles from './workspace-list.module.css';

/** Captures that were opened together before; nothing when there are none. */
export function WorkspaceList() {
  const workspaces = useWorkspaces();
  const remove = useDeleteWorkspace();
  const rename = useRenameWorkspace();
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
      <RenameDialog title="Rename workspace" subject={renaming} rename={rename} onClose={() => setRenaming(null)} />
    </section>
  );
}

function stateOf({ state, traceCount }: WorkspaceSummary): string {
  if (state === 'failed') return 'Could not be assembled';
  return isAssembling(state) && traceCount === 0 ? 'Assembling …' : formatPlural(traceCount, 'trace');
}
