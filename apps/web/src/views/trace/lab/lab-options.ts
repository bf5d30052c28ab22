import {
  type AssemblyOptions,
  DEFAULT_ASSEMBLY_OPTIONS,
  type DurationNs,
  type HostClock,
  RULE_IDS,
  type RuleId,
} from '@causeway/core';

const MILLISECOND = 1_000_000;

/** What can be changed about an assembly, as the address has it. */
export interface LabOptions {
  /** Rules that are switched off. */
  readonly off: readonly RuleId[];
  /** Milliseconds. */
  readonly delay: number;
  /** Milliseconds. */
  readonly offset: number;
  readonly rounds: number;
  /** Compare the times of two hosts by corrected clocks. */
  readonly correct: boolean;
}

/** How every trace is assembled. */
export const USUAL: LabOptions = {
  off: RULE_IDS.filter((id) => DEFAULT_ASSEMBLY_OPTIONS.disabledRules.has(id)),
  delay: DEFAULT_ASSEMBLY_OPTIONS.networkDelay / MILLISECOND,
  offset: DEFAULT_ASSEMBLY_OPTIONS.clockOffset / MILLISECOND,
  rounds: DEFAULT_ASSEMBLY_OPTIONS.maxRounds,
  correct: DEFAULT_ASSEMBLY_OPTIONS.correctClocks,
};

/** As core takes them. */
export function assemblyOptions(
  { off, delay, offset, rounds, correct }: LabOptions,
  hostClocks: readonly HostClock[] | undefined,
): AssemblyOptions {
  return {
    maxRounds: rounds,
    networkDelay: (delay * MILLISECOND) as DurationNs,
    clockOffset: (offset * MILLISECOND) as DurationNs,
    correctClocks: correct,
    disabledRules: new Set(off),
    ...(hostClocks !== undefined && { hostClocks: new Map(hostClocks.map((clock) => [clock.host, clock])) }),
  };
}
