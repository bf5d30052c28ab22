import type { Span } from '@causeway/core';
import { serviceOf } from '../../../api/span-facts';
import { serviceColour } from '../../identity/hue';

import styles from './cover-drawing.module.css';

/** Parent above child on one time axis: the margins that the sentences name, for the eye. */
export function CoverDrawing({ child, parent }: { readonly child: Span; readonly parent: Span }) {
  const from = Math.min(child.start, parent.start);
  const whole = Math.max(1, Math.max(child.end, parent.end) - from);
  const place = (span: Span) => ({
    left: `${((span.start - from) / whole) * 100}%`,
    width: `max(2px, ${((span.end - span.start) / whole) * 100}%)`,
    background: serviceColour(serviceOf(span)),
  });
  return (
    <div className={styles.drawing} aria-hidden="true">
      <span className={styles.bar} style={place(parent)} />
      <span className={styles.bar} style={place(child)} />
    </div>
  );
}
