import type { ParentLink, SpanLink } from '@causeway/core';
import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { cx } from '../../../ui/cx';
import { ruleOf } from '../evidence/rule-of';
import styles from './edge.module.css';
import type { SideFlowEdge } from './flow-elements';

/** Beside the tree: a message through a queue, or an edge that the rule lab has taken away. */
export type SideEdgeKind =
  | { readonly kind: 'queue'; readonly link: SpanLink }
  | { readonly kind: 'gone'; readonly link: ParentLink };

export function SideEdge({ data }: EdgeProps<SideFlowEdge>) {
  if (data === undefined) return null;
  const { edge, path, label, backwards, selected, onSelect } = data;
  const { rule, probability } = edge.link;
  const gone = edge.kind === 'gone';
  return (
    <>
      {/* The label is the keyboard's way to the same */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <g
        className={cx(styles.edge, styles[edge.kind], selected && styles.selected)}
        onClick={onSelect}
        data-testid={`${edge.kind}-edge`}
      >
        <path d={path} className={styles.reach} />
        <path d={path} className={styles.line} {...(!gone && { [backwards ? 'markerStart' : 'markerEnd']: ARROW })} />
      </g>
      <EdgeLabelRenderer>
        <button
          type="button"
          className={cx(styles.label, 'nodrag nopan', styles[edge.kind], selected && styles.selected)}
          style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)` }}
          tabIndex={selected ? 0 : -1}
          aria-label={gone ? `Gone: ${rule}` : `Why: ${rule} ${ruleOf(rule).name}, ${edge.link.strength}`}
          data-testid={`${edge.kind}-label`}
          onClick={onSelect}
        >
          <b>{rule}</b> {gone ? 'gone' : ruleOf(rule).name}
          {probability !== undefined && <i>{Math.round(probability * 100)} %</i>}
        </button>
      </EdgeLabelRenderer>
    </>
  );
}

const ARROW_ID = 'queue-arrow';
const ARROW = `url(#${ARROW_ID})`;

/** Once in the page: what the lines end with. */
export function SideEdgeArrow() {
  return (
    <svg width="0" height="0" className={styles.definitions} aria-hidden="true">
      <defs>
        <marker
          id={ARROW_ID}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerUnits="userSpaceOnUse"
          markerWidth="10"
          markerHeight="10"
          orient="auto-start-reverse"
        >
          <path d="M0,0L8,4L0,8z" className={styles.arrow} />
        </marker>
      </defs>
    </svg>
  );
}
