/**
 * What packets, or the kernel of one end, tell of how TCP fared while something went on. Counts are of both directions
 * together; the kernel tells of what its own end sent again, and of resets.
 */
export interface TcpMetrics {
  /** Smoothed round trip between the ends, microseconds, as last measured; absent = not known. */
  readonly rttUs?: number;
  /** Segments whose bytes had come before, or came late because the first try was lost. */
  readonly retransmits: number;
  /** Of packets: segments that others of the same direction overtook on their way. */
  readonly outOfOrder: number;
  /** Of packets: times that an end said it could take no more bytes; several between two events count once. */
  readonly zeroWindows: number;
  readonly resets: number;
}

/** The counts of one connection as they grow. */
export class TcpCounters {
  rttUs = 0;
  retransmits = 0;
  outOfOrder = 0;
  zeroWindows = 0;
  resets = 0;
  /** What was told last of a time in which nothing was counted. */
  private quiet: TcpMetrics | undefined = undefined;

  /** How they stand now: `before` itself, if nothing was counted since. */
  settled(before: TcpCounters | undefined): TcpCounters {
    const isSame =
      before !== undefined &&
      this.retransmits === before.retransmits &&
      this.outOfOrder === before.outOfOrder &&
      this.zeroWindows === before.zeroWindows &&
      this.resets === before.resets;
    return isSame ? before : this.copy();
  }

  private copy(): TcpCounters {
    const copy = new TcpCounters();
    copy.rttUs = this.rttUs;
    copy.retransmits = this.retransmits;
    copy.outOfOrder = this.outOfOrder;
    copy.zeroWindows = this.zeroWindows;
    copy.resets = this.resets;
    return copy;
  }

  /** What was added since. */
  since(before: TcpCounters | undefined): TcpMetrics {
    // Of one shape, whether the round trip is known or not.
    const metrics = {
      rttUs: this.rttUs > 0 ? this.rttUs : undefined,
      retransmits: this.retransmits - (before?.retransmits ?? 0),
      outOfOrder: this.outOfOrder - (before?.outOfOrder ?? 0),
      zeroWindows: this.zeroWindows - (before?.zeroWindows ?? 0),
      resets: this.resets - (before?.resets ?? 0),
    } as TcpMetrics;
    if (metrics.retransmits + metrics.outOfOrder + metrics.zeroWindows + metrics.resets > 0) return metrics;
    // Most spans of a connection share it.
    if (this.quiet === undefined || this.quiet.rttUs !== metrics.rttUs) this.quiet = metrics;
    return this.quiet;
  }
}
