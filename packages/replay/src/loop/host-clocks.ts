import type { HostId, Nanoseconds, TimeOrigin } from '@causeway/core';
import type { ClockPair } from '../format/payloads';

const DAY = 86_400_000_000_000n;

/** The time origin of a capture that has no clock at all: its header was lost. */
export const EPOCH = 0n as TimeOrigin;

/** Midnight UTC of the day of an instant (nanoseconds since the Unix epoch). */
export function midnightBefore(realtime: bigint): TimeOrigin {
  return (realtime - (realtime % DAY)) as TimeOrigin;
}

/**
 * Where the two clocks meet: places each host's monotonic times on the replay's axis.
 *
 * A host keeps the first pair that was seen of it, normally its header's. Later pairs differ by what the wall clock was
 * stepped, and by a few hundred nanoseconds of noise: following them would turn the order of events around where blocks
 * meet, and "covers" compares times of one host to the nanosecond.
 */
export class HostClocks {
  /** Realtime − monotonic, by host. */
  private readonly shifts = new Map<HostId, bigint>();
  private origin: TimeOrigin | undefined;

  /** `origin`: default midnight UTC of the first pair's day. */
  constructor(origin?: TimeOrigin) {
    this.origin = origin;
  }

  get timeOrigin(): TimeOrigin | undefined {
    return this.origin;
  }

  observe(hostId: HostId, { monotonic, realtime }: ClockPair): void {
    this.origin ??= midnightBefore(realtime);
    if (!this.shifts.has(hostId)) this.shifts.set(hostId, realtime - monotonic);
  }

  /** A time that is told in nanoseconds since the Unix epoch, whoever's clock it was. */
  place(epoch: bigint): Nanoseconds {
    this.origin ??= midnightBefore(epoch);
    return Number(epoch - this.origin) as Nanoseconds;
  }

  /**
   * What to add to an offset from `base` (monotonic) to get `Nanoseconds`. A host whose clock was lost with its header
   * has its boot at the origin: its own order is right, its place among other hosts is not.
   */
  timeShift(hostId: HostId, base: bigint): number {
    const shift = this.shifts.get(hostId);
    return Number(shift === undefined ? base : base + shift - this.origin!);
  }
}
