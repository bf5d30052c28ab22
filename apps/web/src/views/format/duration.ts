/**
 * A length of time to three significant digits, in the unit that keeps it short: `850 ns`, `213 µs`, `1.24 ms`, `12.4 s`,
 * `3 min 5 s`. Negative lengths keep their sign.
 */
export function formatDuration(ns: number): string {
  const size = Math.abs(ns);
  const sign = ns < 0 ? '−' : '';
  if (size < 999.5) return `${sign}${Math.round(size)} ns`;
  if (size < 999_500) return `${sign}${threeDigits(size / 1e3)} µs`;
  if (size < 999_500_000) return `${sign}${threeDigits(size / 1e6)} ms`;
  if (size < 59_950_000_000) return `${sign}${threeDigits(size / 1e9)} s`;
  const seconds = Math.round(size / 1e9);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${sign}${hours} h ${minutes} min` : `${sign}${minutes} min ${seconds % 60} s`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** A place on a time axis whose ticks are `step` apart: only as many decimals as tell two ticks apart. */
export function formatTick(ns: number, step: number): string {
  if (ns === 0) return '0';
  const [size, unit] = step >= 1e9 ? [1e9, 's'] : step >= 1e6 ? [1e6, 'ms'] : step >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return `${Number((ns / size).toFixed(3))} ${unit}`;
}

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9 };

/** Reads `5ms`, `1.5 s`, `250 µs`; a bare number is milliseconds. `undefined` when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|min|m)?$/i.exec(text.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * UNIT_NS[(match[2] ?? 'ms').toLowerCase()]!);
}
