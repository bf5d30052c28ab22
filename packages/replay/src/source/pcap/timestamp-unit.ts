/** What one tick of an interface's timestamps is worth, and where they start. */
export interface TimestampUnit {
  readonly ticksPerSecond: bigint;
  /** Seconds to add. */
  readonly offset: number;
}

export const MICROSECOND_UNIT: TimestampUnit = { ticksPerSecond: 1_000_000n, offset: 0 };

/** Beyond this nanoseconds since the epoch do not fit 64 bits: such a time is no time. */
const MAX_SECONDS = 9_000_000_000;

/** `if_tsresol`: the exponent of a power of 10, or of 2 with the top bit set. */
export function ticksPerSecond(resolution: number): bigint {
  const exponent = BigInt(resolution & 0x7f);
  return (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
}

export function timeOf(high: number, low: number, unit: TimestampUnit): { seconds: number; nanoseconds: number } {
  const { ticksPerSecond: rate, offset } = unit;
  if (rate === MICROSECOND_UNIT.ticksPerSecond && high < 0x20_0000) {
    // Exact in a double, and by far the most common.
    const ticks = high * 0x1_0000_0000 + low;
    const seconds = Math.floor(ticks / 1e6);
    return inRange(seconds + offset, (ticks - seconds * 1e6) * 1000);
  }
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  return inRange(Number(ticks / rate) + offset, Number(((ticks % rate) * 1_000_000_000n) / rate));
}

function inRange(seconds: number, nanoseconds: number): { seconds: number; nanoseconds: number } {
  return seconds >= 0 && seconds <= MAX_SECONDS ? { seconds, nanoseconds } : { seconds: 0, nanoseconds: 0 };
}
