import { PARENT_RULES, RULE_IDS, type RuleId } from '@causeway/core';
import { FlaskConical, RotateCcw, X } from 'lucide-react';
import { Button, IconButton } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { Notice } from '../../../ui/notice';
import { formatPlural } from '../../format/quantity';
import { ruleOf } from '../evidence/rule-of';
import type { SpanNode, TraceModel } from '../trace-model';
import { DifferenceList } from './difference-list';
import { differenceSentence } from './difference-words';
import { type LabOptions, USUAL } from './lab-options';
import styles from './rule-lab.module.css';
import type { LabResult } from './use-lab';

const MAX_ROUNDS = 60;
const MAX_MILLISECONDS = 60_000;

interface RuleLabProps {
  /** As the page came. */
  readonly model: TraceModel;
  readonly options: LabOptions;
  readonly result: LabResult | undefined;
  readonly onOptions: (change: Partial<LabOptions>) => void;
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
  readonly onClose: () => void;
}

/** Rules and tolerances to play with, and what becomes of the trace. */
export function RuleLab({ model, options, result, onOptions, onSpan, onEvidence, onClose }: RuleLabProps) {
  const shown = result?.model ?? model;
  const difference = result?.answer?.difference;
  const changed = JSON.stringify(options) !== JSON.stringify(USUAL);
  return (
    <aside className={styles.lab} aria-label="Rule lab" data-testid="rule-lab">
      <header className={styles.head}>
        <h2 className={styles.name}>
          <FlaskConical size={15} /> Rule lab
        </h2>
        <Button
          kind="quiet"
          icon={<RotateCcw size={13} />}
          disabled={!changed}
          onClick={() => onOptions(USUAL)}
          data-testid="lab-reset"
        >
          Reset
        </Button>
        <IconButton label="Close the rule lab" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </header>
      <div className={styles.body}>
        <section aria-busy={result?.pending}>
          <h3 className={styles.title}>What changes</h3>
          {result?.problem !== undefined && <Notice tone="danger">{result.problem}</Notice>}
          {result !== undefined && result.omitted > 0 && (
            <Notice tone="warn">
              {formatPlural(result.omitted, 'related span')} left out: there are too many to try things with.
            </Notice>
          )}
          <p className={styles.finding} data-testid="lab-difference" data-pending={result?.pending ?? true}>
            {!changed
              ? 'Switch a rule off or change a tolerance: the trace is assembled anew, here in the browser. Nothing is stored.'
              : difference === undefined
                ? 'Assembling …'
                : differenceSentence(difference)}
          </p>
          {difference !== undefined && changed && (
            <DifferenceList
              difference={difference}
              before={model}
              after={shown}
              onSpan={onSpan}
              onEvidence={onEvidence}
            />
          )}
        </section>
        <section>
          <h3 className={styles.title}>Tolerances</h3>
          <Setting
            text="Network delay"
            unit="ms"
            value={options.delay}
            most={MAX_MILLISECONDS}
            onValue={(delay) => onOptions({ delay })}
          />
          <Setting
            text="Clock offset between hosts"
            unit="ms"
            value={options.offset}
            most={MAX_MILLISECONDS}
            onValue={(offset) => onOptions({ offset })}
          />
          <Setting
            text="Rounds of the search"
            value={options.rounds}
            least={1}
            most={MAX_ROUNDS}
            whole
            onValue={(rounds) => onOptions({ rounds })}
          />
          <label className={styles.setting}>
            Correct the hosts’ clocks
            <input
              type="checkbox"
              checked={options.correct}
              onChange={(event) => onOptions({ correct: event.target.checked })}
            />
          </label>
        </section>
        <section>
          <h3 className={styles.title}>Rules, in the order they are tried</h3>
          <RuleSwitches model={model} shown={shown} off={options.off} onOff={(off) => onOptions({ off })} />
        </section>
      </div>
    </aside>
  );
}

interface RuleSwitchesProps {
  readonly model: TraceModel;
  readonly shown: TraceModel;
  readonly off: readonly RuleId[];
  readonly onOff: (off: readonly RuleId[]) => void;
}

function RuleSwitches({ model, shown, off, onOff }: RuleSwitchesProps) {
  const [before, after] = [edgesByRule(model), edgesByRule(shown)];
  return (
    <ul>
      {RULES_IN_ORDER.map((id) => {
        const on = !off.includes(id);
        const [then, now] = [before.get(id) ?? 0, after.get(id) ?? 0];
        return (
          <li key={id}>
            <label className={cx(styles.rule, then + now === 0 && styles.unused)} title={ruleOf(id).sentence}>
              <input
                type="checkbox"
                checked={on}
                data-testid={`lab-rule-${id}`}
                onChange={() => onOff(on ? [...off, id].sort() : off.filter((one) => one !== id))}
              />
              <b>{id}</b>
              <span className={styles.ruleName}>{ruleOf(id).name}</span>
              <span className={styles.count}>{then === now ? now || '' : `${then} → ${now}`}</span>
            </label>
          </li>
        );
      })}
    </ul>
  );
}

interface SettingProps {
  readonly text: string;
  readonly unit?: string;
  readonly value: number;
  readonly least?: number;
  readonly most: number;
  readonly whole?: boolean;
  readonly onValue: (value: number) => void;
}

function Setting({ text, unit = '', value, least = 0, most, whole = false, onValue }: SettingProps) {
  return (
    <label className={styles.setting}>
      {text}
      <span className={styles.number}>
        <input
          type="number"
          value={value}
          min={least}
          max={most}
          step={whole ? 1 : 'any'}
          onChange={({ target }) => {
            const next = target.valueAsNumber;
            // An empty box, while somebody types, changes nothing yet
            if (next >= least && next <= most && (!whole || Number.isInteger(next))) onValue(next);
          }}
        />
        <span className={styles.unit}>{unit}</span>
      </span>
    </label>
  );
}

/** Links over queues come last: they are no part of the tree. */
const RULES_IN_ORDER: readonly RuleId[] = [
  ...PARENT_RULES.map(({ id }) => id),
  ...RULE_IDS.filter((id) => PARENT_RULES.every((rule) => rule.id !== id)),
];

function edgesByRule({ nodes, view }: TraceModel): Map<RuleId, number> {
  const counts = new Map<RuleId, number>();
  const count = (rule: RuleId) => counts.set(rule, (counts.get(rule) ?? 0) + 1);
  for (const { link } of nodes) if (link !== undefined) count(link.rule);
  for (const { rule } of view.spanLinks) count(rule);
  return counts;
}
