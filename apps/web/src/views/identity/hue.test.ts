import { expect, it } from 'vitest';
import { protocolColour } from './hue';

it('gives each built-in protocol its own colour, and every other name one that stays', () => {
  expect(protocolColour('http')).toBe('var(--hue-blue)');
  for (const name of ['ledger', 'constructor', 'x']) {
    expect(protocolColour(name)).toMatch(/^var\(--hue-[a-z]+\)$/);
    expect(protocolColour(name)).toBe(protocolColour(name));
  }
  expect(new Set(['ledger', 'billing', 'audit', 'relay', 'mirror'].map(protocolColour)).size).toBeGreaterThan(1);
});
