import {
  type AssemblyOptions,
  DEFAULT_ASSEMBLY_OPTIONS,
  type DurationNs,
  PARENT_RULE_TABLE,
  RULE_IDS,
  type RuleId,
} from '@causeway/core';

/** How the traces are to be put together, in the words of a command line. Whatever is absent keeps its default. */
export interface AssemblyFlags {
  /** Numbers of rules to leave out, beside those that are off anyway. */
  readonly disableRule?: readonly string[];
  /** Times with their unit: `20ms`, `1.5s`, `500us`. */
  readonly networkDelay?: string;
  readonly clockOffset?: string;
}

/** @throws RangeError with a sentence for the user when a flag cannot be read. */
export function assemblyOptions({ disableRule = [], networkDelay, clockOffset }: AssemblyFlags): AssemblyOptions {
  const { disabledRules, ...defaults } = DEFAULT_ASSEMBLY_OPTIONS;
  return {
    ...defaults,
    ...(networkDelay !== undefined && { networkDelay: duration('--network-delay', networkDelay) }),
    ...(clockOffset !== undefined && { clockOffset: duration('--clock-offset', clockOffset) }),
    disabledRules: new Set([...disabledRules, ...disableRule.map(ruleId)]),
  };
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

function duration(flag: string, text: string): DurationNs {
  const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s)$/.exec(text.trim());
  if (match === null) throw new RangeError(`${flag} takes a time such as 20ms, 1.5s or 500us, not "${text}".`);
  return Math.round(Number(match[1]) * UNITS[match[2]!]!) as DurationNs;
}

function ruleId(text: string): RuleId {
  const wanted = text.trim().toUpperCase();
  const rule = RULE_IDS.find((id) => id === wanted && PARENT_RULE_TABLE[id] !== 'not-built');
  if (rule === undefined)
    throw new RangeError(`--disable-rule takes the number of a rule, such as R08, not "${text}".`);
  return rule;
}
