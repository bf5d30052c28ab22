import type { RuleCondition } from '@causeway/core';
import { CircleCheck, CircleX } from 'lucide-react';
import { conditionSentence, failedFirst } from './condition-words';

interface ConditionItemsProps {
  readonly conditions: readonly RuleCondition[];
  /** Class of each item: the list around them has a look of its own. */
  readonly className: string | undefined;
  /** Pixels. */
  readonly iconSize: number;
}

/** Items of a list: every condition in words, those that failed first. */
export function ConditionItems({ conditions, className, iconSize }: ConditionItemsProps) {
  return failedFirst(conditions).map((condition) => (
    <li key={JSON.stringify(condition)} className={className}>
      {condition.holds ? (
        <CircleCheck size={iconSize} color="var(--ok)" aria-label="holds" />
      ) : (
        <CircleX size={iconSize} color="var(--danger)" aria-label="fails" />
      )}
      {conditionSentence(condition)}
    </li>
  ));
}
