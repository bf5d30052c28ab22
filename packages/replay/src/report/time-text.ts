import type { Nanoseconds, TimeOrigin } from '@causeway/core';

/** Nanoseconds since the Unix epoch, decimal. */
export function epochNs(time: Nanoseconds, origin: TimeOrigin): string {
  return (origin + BigInt(Math.round(time))).toString();
}

/** `2026-01-02 03:04:05.000100 UTC`, to the microsecond. */
export function dateTimeText(epoch: bigint): string {
  const micros = epoch / 1000n;
  const date = new Date(Number(micros / 1000n));
  // A crafted clock may lie beyond what a Date can be.
  if (Number.isNaN(date.getTime())) return `${epoch} ns`;
  const fraction = (micros % 1000n).toString().padStart(3, '0');
  return `${date.toISOString().replace('T', ' ').slice(0, -1)}${fraction} UTC`;
}

/** `03:04:05.000100`, to the microsecond. */
export function timeOfDayText(epoch: bigint): string {
  return dateTimeText(epoch).split(' ')[1] ?? '';
}

const UNITS = [
  ['ns', 1],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
] as const;

/** Three or four digits that matter: `812 ns`, `12.3 µs`, `4.81 ms`, `31.2 s`. */
export function durationText(ns: number): string {
  const size = Math.abs(ns);
  const [unit, factor] = UNITS.findLast(([, from]) => size >= from) ?? UNITS[0];
  const value = ns / factor;
  const digits = unit === 'ns' || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/** `12,345`. */
export function countText(count: number | bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12,345 spans`, `1 span`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${countText(count)} ${count === 1 ? singular : plural}`;
}

/** `1.4 MB`; decimal units, as file managers show them. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, factor] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  return `${(bytes / Number(factor)).toFixed(1)} ${unit}`;
}
