import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { CaptureOrigin, CaptureSummary } from '../../api/contract';
import { Badge } from '../../ui/badge';
import { IconButton } from '../../ui/button';
import { Menu, MenuItem } from '../../ui/menu';
import { capturePath, useRenameCapture } from '../data/queries';
import { formatDuration } from '../format/duration';
import { formatAgo, formatInstant } from '../format/instant';
import { formatBytes, formatCount } from '../format/quantity';
import { RenameDialog } from '../shell/rename-dialog';
import { CaptureStateMark } from './capture-state';
import styles from './captures-table.module.css';
import { DeleteDialog } from './delete-dialog';

const ORIGIN: Record<CaptureOrigin, { readonly text: string; readonly tone: 'neutral' | 'accent' | 'inferred' }> = {
  upload: { text: 'Upload', tone: 'neutral' },
  live: { text: 'Live', tone: 'accent' },
  sample: { text: 'Sample', tone: 'inferred' },
};

interface CapturesTableProps {
  readonly captures: readonly CaptureSummary[];
  /** Ids of those that are chosen. */
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string) => void;
}

export function CapturesTable({ captures, chosen, onChoose }: CapturesTableProps) {
  const rename = useRenameCapture();
  const [renaming, setRenaming] = useState<CaptureSummary | null>(null);
  const [deleting, setDeleting] = useState<CaptureSummary | null>(null);
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>
              <span className="visually-hidden">Chosen</span>
            </th>
            <th>Name</th>
            <th>State</th>
            <th className={styles.number}>Traces</th>
            <th className={styles.number}>With errors</th>
            <th className={styles.number}>Spans</th>
            <th className={styles.number}>Size</th>
            <th>Recorded</th>
            <th>
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {captures.map((capture) => (
            <CaptureRow
              key={capture.id}
              capture={capture}
              chosen={chosen.has(capture.id)}
              onChoose={() => onChoose(capture.id)}
              onRename={() => setRenaming(capture)}
              onDelete={() => setDeleting(capture)}
            />
          ))}
        </tbody>
      </table>
      <RenameDialog title="Rename capture" subject={renaming} rename={rename} onClose={() => setRenaming(null)} />
      <DeleteDialog capture={deleting} onClose={() => setDeleting(null)} />
    </div>
  );
}

interface CaptureRowProps {
  readonly capture: CaptureSummary;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onRename: () => void;
  readonly onDelete: () => void;
}

function CaptureRow({ capture, chosen, onChoose, onRename, onDelete }: CaptureRowProps) {
  const router = useRouter();
  const href = `/captures/${encodeURIComponent(capture.id)}`;
  const origin = ORIGIN[capture.origin];
  return (
    // The name is the link for the keyboard; a click anywhere in the row is the same
    <tr className={styles.row} onClick={() => router.push(href)} data-testid="capture-row" data-state={capture.state}>
      <td className={styles.chooseCell}>
        <input
          type="checkbox"
          aria-label={`Choose ${capture.name}`}
          checked={chosen}
          onChange={onChoose}
          onClick={(event) => event.stopPropagation()}
        />
      </td>
      <td className={styles.nameCell}>
        <div className={styles.nameLine}>
          <Link href={href} className={styles.name} onClick={(event) => event.stopPropagation()}>
            {capture.name}
          </Link>
          <Badge tone={origin.tone}>{origin.text}</Badge>
        </div>
        <p className={capture.problem === undefined ? styles.sub : styles.problem} title={capture.problem}>
          {capture.problem ?? capture.hostName ?? 'host not known'}
        </p>
      </td>
      <td>
        <CaptureStateMark capture={capture} />
      </td>
      <td className={styles.number}>{formatCount(capture.traceCount)}</td>
      <td className={styles.number}>
        {capture.errorTraceCount > 0 ? (
          <span className={styles.errors}>{formatCount(capture.errorTraceCount)}</span>
        ) : (
          <span className={styles.none}>0</span>
        )}
      </td>
      <td className={styles.number}>{formatCount(capture.spanCount)}</td>
      <td className={styles.number}>{formatBytes(capture.sizeBytes)}</td>
      <td className={styles.when}>
        <RecordedAt capture={capture} />
      </td>
      <td className={styles.menuCell}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps the menu's clicks from opening the row */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
        <div onClick={(event) => event.stopPropagation()}>
          <Menu
            trigger={
              <IconButton label={`Actions for ${capture.name}`}>
                <Ellipsis size={16} />
              </IconButton>
            }
          >
            <MenuItem onSelect={onRename}>Rename…</MenuItem>
            <MenuItem href={`${capturePath(capture.id)}/file`}>Download file</MenuItem>
            <MenuItem danger onSelect={onDelete}>
              Delete…
            </MenuItem>
          </Menu>
        </div>
      </td>
    </tr>
  );
}

function RecordedAt({ capture }: { readonly capture: CaptureSummary }) {
  if (capture.startedAt === undefined) return <p className={styles.sub}>added {ago(new Date(capture.createdAt))}</p>;
  const started = BigInt(capture.startedAt);
  const length = capture.endedAt === undefined ? undefined : Number(BigInt(capture.endedAt) - started);
  return (
    <>
      <p>{formatInstant(started).slice(0, 19)}</p>
      <p className={styles.sub}>
        {length !== undefined && `${formatDuration(length)} · `}
        {ago(new Date(Number(started / 1_000_000n)))}
      </p>
    </>
  );
}

function ago(then: Date): string {
  return formatAgo(then, new Date());
}
