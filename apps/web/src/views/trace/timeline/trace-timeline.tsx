import { useVirtualizer } from '@tanstack/react-virtual';
import * as d3 from 'd3';
import { useCallback, useEffect, useMemo, useRef, useState, type WheelEvent } from 'react';
import { useWidth } from '../../../ui/use-width';
import { formatTick } from '../../format/duration';
import type { SpanNode, TraceModel } from '../trace-model';
import { panWindow, type TimeWindow, zoomWindow } from './time-window';
import { TimelineOverview } from './timeline-overview';
import { TimelineRowView } from './timeline-row';
import { timelineRows } from './timeline-rows';
import styles from './trace-timeline.module.css';

const ROW_HEIGHT = 26;
/** Room right of the chart, so that the last label is not cut. */
const CHART_END = 72;

interface TraceTimelineProps {
  readonly model: TraceModel;
  readonly selected: SpanNode | undefined;
  readonly found: ReadonlySet<string> | undefined;
  readonly collapsed: ReadonlySet<string>;
  readonly onCollapse: (id: string) => void;
  readonly onSpan: (node: SpanNode) => void;
}

export function TraceTimeline({ model, selected, found, collapsed, onCollapse, onSpan }: TraceTimelineProps) {
  const whole = useMemo(() => wholeOf(model), [model]);
  const [window, setWindow] = useState<TimeWindow>(whole);
  useEffect(() => setWindow(whole), [whole]);
  const [chart, width] = useWidth<HTMLDivElement>();
  const [cursor, setCursor] = useState<number | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => timelineRows(model.nodes, collapsed), [model, collapsed]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  const scale = useMemo(
    () => d3.scaleLinear([window.from, window.to], [0, Math.max(1, width - CHART_END)]),
    [window, width],
  );
  const step = d3.tickStep(0, window.to - window.from, Math.max(2, Math.floor(width / 110)));
  const ticks = useMemo(() => ticksOf(window, model.view.start, step), [window, model, step]);
  useTimelineKeys(setWindow, whole, cursor === null ? undefined : scale.invert(cursor));

  const selectedRow = rows.findIndex((row) => row.node === selected);
  useEffect(() => {
    if (selectedRow >= 0) virtual.scrollToIndex(selectedRow);
  }, [selectedRow, virtual]);

  const onWheel = useCallback(
    (event: WheelEvent) => {
      if (event.ctrlKey || event.metaKey) {
        const at = scale.invert(cursor ?? 0);
        setWindow((now) => zoomWindow(now, event.deltaY > 0 ? 1.2 : 1 / 1.2, at, whole));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = event.deltaX === 0 ? event.deltaY : event.deltaX;
        setWindow((now) => panWindow(now, by / Math.max(1, width), whole));
      }
    },
    [scale, cursor, whole, width],
  );
  useNoBrowserZoom(scroller);

  return (
    <section className={styles.frame} aria-label="Timeline" data-testid="timeline">
      <TimelineOverview model={model} whole={whole} window={window} onWindow={setWindow} />
      <div className={styles.head}>
        <span className={styles.headName}>Span</span>
        <div className={styles.axis} ref={chart}>
          {ticks.map((tick) => (
            <span key={tick} className={styles.tick} style={{ left: scale(tick) }}>
              {formatTick(tick - model.view.start, step)}
            </span>
          ))}
          {cursor !== null && (
            <span className={styles.cursorLabel} style={{ left: cursor }}>
              {formatTick(Math.round(scale.invert(cursor) - model.view.start), Math.max(1, step / 10))}
            </span>
          )}
        </div>
      </div>
      <div className={styles.scroller} ref={scroller} onWheel={onWheel}>
        <div
          className={styles.rows}
          style={{ height: `max(100%, ${virtual.getTotalSize()}px)` }}
          role="tree"
          aria-label="Spans"
          onPointerMove={(event) => {
            // The chart is what the tree of names leaves of the row
            const { right } = event.currentTarget.getBoundingClientRect();
            const x = event.clientX - (right - width);
            setCursor(x >= 0 && x <= width ? x : null);
          }}
          onPointerLeave={() => setCursor(null)}
        >
          <div className={styles.grid} aria-hidden="true">
            {ticks.map((tick) => (
              <i key={tick} style={{ left: scale(tick) }} />
            ))}
            {cursor !== null && <i className={styles.cursor} style={{ left: cursor }} />}
          </div>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]!;
            return (
              <TimelineRowView
                key={row.node.id}
                row={row}
                top={item.start}
                scale={scale}
                width={width}
                selected={row.node === selected}
                dimmed={found !== undefined && !found.has(row.node.id)}
                onCollapse={onCollapse}
                onSpan={onSpan}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}

function wholeOf(model: TraceModel): TimeWindow {
  return { from: model.view.start, to: Math.max(model.view.end, model.view.start + 1000) };
}

function ticksOf(window: TimeWindow, start: number, step: number): number[] {
  const first = Math.ceil((window.from - start) / step);
  const last = Math.floor((window.to - start) / step);
  return d3.range(first, last + 1).map((n) => start + n * step);
}

/** W and S zoom, A and D pan, F shows everything, as in Perfetto. */
function useTimelineKeys(setWindow: (change: (now: TimeWindow) => TimeWindow) => void, whole: TimeWindow, at?: number) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
      const centre = (now: TimeWindow) => at ?? (now.from + now.to) / 2;
      if (event.key === 'w') setWindow((now) => zoomWindow(now, 1 / 1.4, centre(now), whole));
      else if (event.key === 's') setWindow((now) => zoomWindow(now, 1.4, centre(now), whole));
      else if (event.key === 'a') setWindow((now) => panWindow(now, -0.2, whole));
      else if (event.key === 'd') setWindow((now) => panWindow(now, 0.2, whole));
      else if (event.key === 'f') setWindow(() => whole);
    };
    globalThis.addEventListener('keydown', onKey);
    return () => globalThis.removeEventListener('keydown', onKey);
  }, [setWindow, whole, at]);
}

/** React's wheel listeners are passive, so the browser's own zoom must be stopped by hand. */
function useNoBrowserZoom(element: { readonly current: HTMLElement | null }) {
  useEffect(() => {
    const target = element.current;
    const stop = (event: globalThis.WheelEvent) => (event.ctrlKey || event.metaKey) && event.preventDefault();
    target?.addEventListener('wheel', stop, { passive: false });
    return () => target?.removeEventListener('wheel', stop);
  }, [element]);
}
