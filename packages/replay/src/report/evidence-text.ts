import type { RuleCondition } from '@causeway/core';

/** `covers startMargin=1200 endMargin=-300 — failed`: a condition with its members as they are, times in nanoseconds. */
export function conditionText(condition: RuleCondition): string {
  const members = Object.entries(condition)
    .filter(([name]) => name !== 'kind' && name !== 'holds')
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return [condition.kind, ...members, ...(condition.holds ? [] : ['— failed'])].join(' ');
}
