/** How far back the speed looks. */
const WINDOW_MS = 3000;

/** Bytes per second over the last three seconds, from (bytes so far, clock in milliseconds) readings. */
export function speedometer(): (bytes: number, now: number) => number {
  const readings: { readonly bytes: number; readonly at: number }[] = [];
  return (bytes, now) => {
    readings.push({ bytes, at: now });
    while (readings.length > 2 && now - readings[0]!.at > WINDOW_MS) readings.shift();
    const first = readings[0]!;
    const elapsed = now - first.at;
    return elapsed <= 0 ? 0 : Math.max(0, ((bytes - first.bytes) * 1000) / elapsed);
  };
}
