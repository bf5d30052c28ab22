import * as d3 from 'd3';
import { type PointerEvent, useMemo, useState } from 'react';
import { serviceOf } from '../../../api/span-facts';
import { useWidth } from '../../../ui/use-width';
import { serviceColour } from '../../identity/hue';
import type { TraceModel } from '../trace-model';
import type { TimeWindow } from './time-window';
import styles from './timeline-overview.module.css';

const HEIGHT = 44;
/** Shorter drags are clicks. */
const SHORTEST_DRAG = 4;

interface TimelineOverviewProps {
  readonly model: TraceModel;
  readonly whole: TimeWindow;
  readonly window: TimeWindow;
  readonly onWindow: (window: TimeWindow) => void;
}

/** The whole trace in small; dragging selects what the chart shows, a double click shows everything. */
export function TimelineOverview({ model, whole, window, onWindow }: TimelineOverviewProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const scale = useMemo(
    () => d3.scaleLinear([whole.from, whole.to], [0, Math.max(1, width)]).clamp(true),
    [whole, width],
  );
  const rowHeight = Math.min(4, (HEIGHT - 8) / model.nodes.length);
  const place = (event: PointerEvent<HTMLElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const finish = () => {
    if (drag !== null && Math.abs(drag.to - drag.from) >= SHORTEST_DRAG) {
      onWindow({ from: scale.invert(Math.min(drag.from, drag.to)), to: scale.invert(Math.max(drag.from, drag.to)) });
    }
    setDrag(null);
  };
  const shown = drag ?? { from: scale(window.from), to: scale(window.to) };
  const [left, right] = [Math.min(shown.from, shown.to), Math.max(shown.from, shown.to)];
  return (
    // W, S, A and D do the same from the keyboard
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      className={styles.frame}
      ref={frame}
      title="Drag to zoom, double-click for everything"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: place(event), to: place(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: place(event) })}
      onPointerUp={finish}
      onDoubleClick={() => onWindow(whole)}
    >
      <svg width={width} height={HEIGHT} aria-hidden="true">
        {model.nodes.map((node, row) => (
          <rect
            key={node.id}
            x={scale(node.span.start)}
            y={4 + row * rowHeight}
            width={Math.max(1, scale(node.span.end) - scale(node.span.start))}
            height={Math.max(0.75, rowHeight - 0.75)}
            fill={node.span.status === 'server_error' ? 'var(--danger)' : serviceColour(serviceOf(node.span))}
          />
        ))}
      </svg>
      <span className={styles.outside} style={{ left: 0, width: left }} />
      <span className={styles.outside} style={{ left: right, right: 0 }} />
      <span className={styles.window} style={{ left, width: Math.max(1, right - left) }} />
    </div>
  );
}
