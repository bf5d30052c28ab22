import { expect, test } from 'vitest';
import { RULE_IDS } from '../assembled-trace';
import { PARENT_RULE_TABLE, PARENT_RULES } from './registry';

test('every built rule stands in the table under its own id, and every parent rule in the order once', () => {
  for (const id of RULE_IDS) {
    const rule = PARENT_RULE_TABLE[id];
    if (rule !== 'not-built') expect(rule.id).toBe(id);
  }
  expect(new Set(PARENT_RULES).size).toBe(PARENT_RULES.length);
  for (const rule of PARENT_RULES) expect(PARENT_RULE_TABLE[rule.id]).toBe(rule);
});

test('names and sentences tell the rules apart', () => {
  const built = Object.values(PARENT_RULE_TABLE).filter((rule) => rule !== 'not-built');
  expect(new Set(built.map(({ name }) => name)).size).toBe(built.length);
  expect(new Set(built.map(({ sentence }) => sentence)).size).toBe(built.length);
});
