/** Nanoseconds since the Unix epoch of a time that is relative to `timeOrigin` (decimal nanoseconds since the epoch). */
export function epochNanoseconds(timeOrigin: string, relative: number): bigint {
  return BigInt(timeOrigin) + BigInt(Math.round(relative));
}

/** Date and time of day in the reader's zone, to the microsecond: `2026-11-23 10:31:07.204518`. */
export function formatInstant(epochNs: bigint, timeZone?: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  }).formatToParts(new Date(Number(floorDivide(epochNs, 1_000_000n))));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const micros = floorDivide(epochNs, 1_000n) - floorDivide(epochNs, 1_000_000_000n) * 1_000_000n;
  const time = `${part('hour')}:${part('minute')}:${part('second')}.${String(micros).padStart(6, '0')}`;
  return `${part('year')}-${part('month')}-${part('day')} ${time}`;
}

/** The reader's zone at that moment, e.g. `UTC+01:00`. */
export function formatZone(epochNs: bigint, timeZone?: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZoneName: 'longOffset',
    ...(timeZone !== undefined && { timeZone }),
  }).formatToParts(new Date(Number(floorDivide(epochNs, 1_000_000n))));
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  return name.replace('GMT', 'UTC');
}

/** `12 s ago`, `5 min ago`, `3 h ago`, `4 days ago`. */
export function formatAgo(then: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** BigInt division rounds to zero; before 1970 that would be the wrong second. */
function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
