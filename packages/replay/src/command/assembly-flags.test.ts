import { DEFAULT_ASSEMBLY_OPTIONS } from '@causeway/core';
import { expect, it } from 'vitest';
import { assemblyOptions } from './assembly-flags';

it.each([
  ['20ms', 20_000_000],
  ['1.5s', 1_500_000_000],
  ['500us', 500_000],
  ['7µs', 7000],
  ['0ns', 0],
])('%s is %s ns', (text, expected) => expect(assemblyOptions({ networkDelay: text }).networkDelay).toBe(expected));

it('leaves out the rules that are named, in any case', () => {
  expect(assemblyOptions({ disableRule: ['R08', 'x05'] }).disabledRules).toEqual(new Set(['R08', 'X05']));
});

it('keeps the defaults for what is not said', () => {
  expect(assemblyOptions({})).toEqual(DEFAULT_ASSEMBLY_OPTIONS);
});

it.each([
  [{ networkDelay: '20' }, '--network-delay'],
  [{ clockOffset: '-1ms' }, '--clock-offset'],
  [{ disableRule: ['R99'] }, '--disable-rule'],
])('says what it cannot read: %j', (flags, named) => expect(() => assemblyOptions(flags)).toThrow(named));
