import * as d3 from 'd3';
import { useMemo, useState } from 'react';
import type { TraceRow } from '../../api/contract';
import { useWidth } from '../../ui/use-width';
import type { Place } from '../data/place';
import { formatDuration, formatTick } from '../format/duration';
import { formatCount } from '../format/quantity';
import { useGo } from '../shell/app-link';
import { traceHref } from '../trace/trace-address';
import styles from './latency-scatter.module.css';

const HEIGHT = 132;
const MARGIN = { top: 10, right: 16, bottom: 20, left: 64 };

interface LatencyScatterProps {
  readonly place: Place;
  readonly rows: readonly TraceRow[];
  readonly total: number;
  /** What starts are shown relative to, on the rows' clock. */
  readonly origin: number;
}

/** Each loaded trace as a point: when it started, how long it took (logarithmic). A click opens it. */
export function LatencyScatter({ place, rows, total, origin }: LatencyScatterProps) {
  const go = useGo();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [hover, setHover] = useState<TraceRow | null>(null);
  const scales = useMemo(() => scalesOf(rows, width, origin), [rows, width, origin]);
  return (
    <div className={styles.frame} ref={frame}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`Durations of ${rows.length} traces over time; the table below lists the same traces`}
        >
          {scales.yTicks.map((tick) => (
            <g key={tick} transform={`translate(0,${scales.y(tick)})`}>
              <line x1={MARGIN.left} x2={width - MARGIN.right} className={styles.grid} />
              <text x={MARGIN.left - 8} dy="0.32em" textAnchor="end" className={styles.tick}>
                {formatDuration(tick)}
              </text>
            </g>
          ))}
          {scales.xTicks.map((tick) => (
            <text key={tick} x={scales.x(tick)} y={HEIGHT - 5} textAnchor="middle" className={styles.tick}>
              +{formatTick(tick - origin, scales.xStep)}
            </text>
          ))}
          {rows.map((row) => (
            // The table is the keyboard's way to the same traces
            // biome-ignore lint/a11y/noStaticElementInteractions: see above
            <path
              key={row.id}
              d={row.hasError ? 'M0,-5L5,4H-5Z' : 'M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0'}
              transform={`translate(${scales.x(row.start)},${scales.y(Math.max(1, row.durationNs))})`}
              className={row.hasError ? styles.error : styles.point}
              onMouseEnter={() => setHover(row)}
              onMouseLeave={() => setHover(null)}
              onClick={() => go(traceHref(place, row.id))}
            />
          ))}
        </svg>
      )}
      {rows.length < total && (
        <span className={styles.partial}>
          {formatCount(rows.length)} of {formatCount(total)} loaded
        </span>
      )}
      {hover && (
        <div
          className={styles.tip}
          style={{
            left: Math.min(Math.max(scales.x(hover.start), 120), width - 120),
            top: scales.y(Math.max(1, hover.durationNs)) - 8,
          }}
        >
          <b>{formatDuration(hover.durationNs)}</b> {hover.service} {hover.method} {hover.endpoint ?? hover.resource}
        </div>
      )}
    </div>
  );
}

function scalesOf(rows: readonly TraceRow[], width: number, origin: number) {
  const [first = 0, last = 0] = d3.extent(rows, (row) => row.start);
  const [shortest = 1, longest = 1] = d3.extent(rows, (row) => Math.max(1, row.durationNs));
  const x = d3.scaleLinear([first, Math.max(last, first + 1e6)], [MARGIN.left + 8, width - MARGIN.right - 8]);
  const y = d3.scaleLog([shortest * 0.8, longest * 1.25], [HEIGHT - MARGIN.bottom - 4, MARGIN.top + 4]).clamp(true);
  const span = x.domain()[1]! - first;
  const xStep = d3.tickStep(0, span, Math.max(2, Math.floor(width / 130)));
  const firstTick = Math.ceil((first - origin) / xStep);
  const lastTick = Math.floor((first + span - origin) / xStep);
  const xTicks = d3.range(firstTick, lastTick + 1).map((n) => origin + n * xStep);
  return { x, y, xStep, xTicks, yTicks: decimalTicks(y.domain()[0]!, y.domain()[1]!) };
}

/** 1-2-5 steps of each decade; thinned out so that at most five remain. */
function decimalTicks(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) all.push(digit * 10 ** power);
  }
  const inside = all.filter((tick) => tick >= low && tick <= high);
  if (inside.length <= 5) return inside;
  const decades = inside.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6));
  return decades.length >= 2 ? decades.slice(0, 6) : inside.filter((_, i) => i % 2 === 0);
}
