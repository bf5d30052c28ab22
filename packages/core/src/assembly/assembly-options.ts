import type { DurationNs } from '../base/brand';
import type { AssemblyOptions } from './assembled-trace';

const MILLISECOND = 1_000_000;

/** DeepFlow's defaults of 2026: `network_delay` 50 ms, `host_clock_offset` 10 ms, `max_iteration` 30; every rule on. */
export const DEFAULT_ASSEMBLY_OPTIONS: AssemblyOptions = {
  maxRounds: 30,
  networkDelay: (50 * MILLISECOND) as DurationNs,
  clockOffset: (10 * MILLISECOND) as DurationNs,
  correctClocks: true,
  disabledRules: new Set(),
};
