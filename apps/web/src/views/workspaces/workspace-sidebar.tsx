import type { WorkspaceDetail } from '../../api/contract';
import { type Place, placeHref } from '../data/place';
import { formatCount } from '../format/quantity';
import { ServiceName } from '../identity/service-name';
import { AppLink } from '../shell/app-link';
import styles from './workspace-page.module.css';

interface WorkspaceSidebarProps {
  readonly place: Place;
  readonly workspace: WorkspaceDetail;
  /** A sentence for each host whose clock was compared. */
  readonly clocks: readonly string[];
}

export function WorkspaceSidebar({ place, workspace, clocks }: WorkspaceSidebarProps) {
  return (
    <aside className={styles.sidebar} aria-label="About this workspace">
      <section>
        <h2 className={styles.title}>Captures</h2>
        <ul>
          {workspace.captures.map(({ id, name, hostName }) => (
            <li key={id} className={styles.item}>
              <AppLink href={placeHref({ ...place, kind: 'captures', id })}>{name}</AppLink>
              <span className={styles.quiet}>{hostName}</span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2 className={styles.title}>Services</h2>
        <ul>
          {workspace.services.map(({ service, spanCount }) => (
            <li key={service} className={styles.item}>
              <ServiceName service={service} />
              <span className={styles.quiet}>{formatCount(spanCount)}</span>
            </li>
          ))}
        </ul>
      </section>
      {clocks.length > 0 && (
        <section>
          <h2 className={styles.title}>Clocks</h2>
          <ul>
            {clocks.map((sentence) => (
              <li key={sentence} className={styles.quiet}>
                {sentence}
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}
