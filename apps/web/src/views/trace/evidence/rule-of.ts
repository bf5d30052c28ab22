import { PARENT_RULE_TABLE, type RuleId } from '@causeway/core';

interface RuleWords {
  readonly id: RuleId;
  readonly name: string;
  readonly sentence: string;
}

/** A rule's name and sentence, as core keeps them. A trace made by a newer version may name one that this one lacks. */
export function ruleOf(id: RuleId): RuleWords {
  const rule = PARENT_RULE_TABLE[id];
  if (rule === 'not-built')
    return { id, name: 'unknown rule', sentence: 'This version of Causeway does not know the rule.' };
  return { id, name: rule.name, sentence: rule.sentence };
}
