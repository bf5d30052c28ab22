import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { cx } from '../../../ui/cx';
import { ruleOf } from '../evidence/rule-of';
import styles from './edge.module.css';
import type { RuleFlowEdge } from './flow-elements';

/** A cause: drawn solid, dashed or dotted by its strength, with the rule that drew it. */
export function RuleEdge({ data }: EdgeProps<RuleFlowEdge>) {
  if (data === undefined) return null;
  const { link, child, path, label, selected, dimmed, count, change, onSelect } = data;
  const rule = ruleOf(link.rule);
  return (
    <>
      {/* The label is the keyboard's way to the same */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <g
        className={cx(
          styles.edge,
          styles[link.strength],
          change && styles[change],
          selected && styles.selected,
          dimmed && styles.dimmed,
        )}
        onClick={() => onSelect(child)}
      >
        <path d={path} className={styles.reach} />
        <path d={path} className={styles.line} />
      </g>
      <EdgeLabelRenderer>
        <button
          type="button"
          className={cx(
            styles.label,
            'nodrag nopan',
            styles[link.strength],
            change && styles[change],
            selected && styles.selected,
          )}
          style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)` }}
          tabIndex={selected ? 0 : -1}
          aria-label={`Why: ${rule.id} ${rule.name}, ${link.strength}`}
          data-testid="edge-label"
          data-edge={child.id}
          data-rule={rule.id}
          data-change={change}
          onClick={() => onSelect(child)}
        >
          <b>{rule.id}</b> {rule.name}
          {link.probability !== undefined && <i>{Math.round(link.probability * 100)} %</i>}
          {change && <i>{change}</i>}
          {count > 1 && <i>× {count}</i>}
        </button>
      </EdgeLabelRenderer>
    </>
  );
}
