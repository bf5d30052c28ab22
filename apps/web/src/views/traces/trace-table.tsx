import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { TraceRow } from '../../api/contract';
import { cx } from '../../ui/cx';
import type { Place } from '../data/place';
import { formatDuration } from '../format/duration';
import { serviceColour } from '../identity/hue';
import { ProtocolBadge } from '../identity/protocol-badge';
import { ServiceName } from '../identity/service-name';
import { StatusIcon } from '../identity/status-icon';
import { AppLink } from '../shell/app-link';
import { traceHref } from '../trace/trace-address';
import type { TraceSort } from './trace-filters';
import styles from './trace-table.module.css';

const ROW_HEIGHT = 36;
/** Service chips of a row; the rest are counted. */
const CHIPS = 4;

interface TraceTableProps {
  readonly place: Place;
  readonly rows: readonly TraceRow[];
  /** What starts are shown relative to, on the rows' clock. */
  readonly origin: number;
  readonly sort: TraceSort;
  readonly onSort: (sort: TraceSort) => void;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

export function TraceTable({ place, rows, origin, sort, onSort, hasMore, loadMore }: TraceTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const visible = virtual.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - 40) loadMore();
  }, [hasMore, last, rows.length, loadMore]);
  const longest = rows.reduce((max, row) => Math.max(max, row.durationNs), 1);
  return (
    <div className={styles.scroller} ref={scroller}>
      <div className={styles.head}>
        <SortHeader name="start" text="Start" sort={sort} onSort={onSort} />
        <span>Request</span>
        <span className={styles.chipsHead}>Services</span>
        <SortHeader name="spans" text="Spans" sort={sort} onSort={onSort} right />
        <SortHeader name="duration" text="Duration" sort={sort} onSort={onSort} />
      </div>
      <ol className={styles.rows} style={{ height: virtual.getTotalSize() }} aria-label="Traces">
        {visible.map((item) => (
          <Row
            key={rows[item.index]!.id}
            place={place}
            row={rows[item.index]!}
            top={item.start}
            origin={origin}
            longest={longest}
          />
        ))}
      </ol>
    </div>
  );
}

interface RowProps {
  readonly place: Place;
  readonly row: TraceRow;
  readonly top: number;
  readonly origin: number;
  readonly longest: number;
}

function Row({ place, row, top, origin, longest }: RowProps) {
  const shown = row.services.slice(0, CHIPS);
  const more = row.services.length - shown.length;
  const what = row.endpoint ?? row.resource;
  return (
    <li className={styles.item} style={{ transform: `translateY(${top}px)` }}>
      <AppLink
        href={traceHref(place, row.id)}
        className={cx(styles.row, row.hasError && styles.failed)}
        data-testid="trace-row"
        data-trace={row.id}
      >
        <span className={styles.start}>+{formatDuration(row.start - origin)}</span>
        <span className={styles.request}>
          <StatusIcon status={statusOf(row)} incomplete={row.incomplete} />
          <ServiceName service={row.service} strong />
          <ProtocolBadge protocol={row.protocol} />
          <span className={styles.what} title={row.resource ?? what}>
            {row.method !== undefined && !repeats(what, row.method) && <b>{row.method}</b>} {what}
          </span>
          {row.statusCode !== undefined && row.status !== 'ok' && <span className={styles.code}>{row.statusCode}</span>}
        </span>
        <span className={styles.chips}>
          {shown.map(({ service, spanCount }) => (
            <span key={service} className={styles.chip} title={`${service}: ${spanCount}`}>
              <i style={{ background: serviceColour(service) }} />
              {service}
              <em>{spanCount}</em>
            </span>
          ))}
          {more > 0 && <span className={styles.chip}>+{more}</span>}
        </span>
        <span className={styles.spans}>{row.spanCount}</span>
        <span className={styles.duration}>
          <span className={styles.bar}>
            <i style={{ width: `${Math.max(1.5, (row.durationNs / longest) * 100)}%` }} />
          </span>
          {formatDuration(row.durationNs)}
        </span>
      </AppLink>
    </li>
  );
}

/** A statement or command begins with its verb already. */
function repeats(what: string | undefined, method: string): boolean {
  return what?.toUpperCase().startsWith(method.toUpperCase()) ?? false;
}

/** The root may be fine while something below it failed: the row says the worse. */
function statusOf(row: TraceRow): TraceRow['status'] {
  return row.hasError && row.status !== 'client_error' ? 'server_error' : row.status;
}

interface SortHeaderProps {
  readonly name: 'start' | 'duration' | 'spans';
  readonly text: string;
  readonly sort: TraceSort;
  readonly onSort: (sort: TraceSort) => void;
  readonly right?: boolean;
}

/** First click: most first; second: least first. */
function SortHeader({ name, text, sort, onSort, right = false }: SortHeaderProps) {
  const down = sort === `-${name}`;
  const up = sort === name;
  return (
    <button
      type="button"
      className={cx(styles.sort, (down || up) && styles.sorted, right && styles.right)}
      aria-label={`Sort by ${text.toLowerCase()}${down ? ', now most first' : up ? ', now least first' : ''}`}
      onClick={() => onSort(down ? name : `-${name}`)}
    >
      {text}
      {down && <ArrowDown size={12} />}
      {up && <ArrowUp size={12} />}
    </button>
  );
}
